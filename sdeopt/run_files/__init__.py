"""Runs and sweeps in TOML files, and the expressions in them."""
