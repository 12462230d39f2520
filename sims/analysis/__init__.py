"""Measures of what was simulated: one idea a file."""
