"""Losses of the figures with their constants, and how they are simulated."""
