"""Measured on a real network what the theory is about: noise, curvature, spread, the SDE limit."""
