"""Theorems 5.1 to 5.3 against simulation: how near the minimizer the methods come."""
