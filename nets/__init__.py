"""Coupled optimizers on real networks, in torch."""
