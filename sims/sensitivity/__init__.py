"""What the claims of Figs 1 to 6 owe to each reconstructed constant."""
