"""What several results build on: Itô's generator, moments, contraction, combinations."""
