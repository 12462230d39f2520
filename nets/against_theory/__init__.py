"""What the theory speaks of, measured on a real network: noise, curvature, spread, the SDE limit."""
