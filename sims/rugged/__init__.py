"""Figures 1 to 3: coupled agents on the one-dimensional rugged loss."""
