"""Figures 7 to 12 and Table 1: coupled training of deep networks."""
