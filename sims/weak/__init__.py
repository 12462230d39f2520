"""Eqs. (1) and (2): how well stochastic differential equations describe SGD in law."""
