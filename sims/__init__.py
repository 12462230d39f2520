"""Experiments on model losses: one figure per file."""
