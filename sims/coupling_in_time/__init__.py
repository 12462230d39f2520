"""Couplings that change in time: small early, large later (Sec. 5.1)."""
