"""Figures 4 to 6: coupled agents on the coupled loss in n dimensions."""
