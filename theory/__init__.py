"""Symbolic proofs and bounds: one result per file."""
