"""What the experiments have in common: what is trained, on what, and how often."""
