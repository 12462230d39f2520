"""Proofs: relations, facts that only checked steps can make, and results with their proofs."""
