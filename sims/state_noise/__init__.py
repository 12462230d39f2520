"""The bounds of Secs 3 and 5 where the noise depends on the state: B(x) with tr(BᵀB) at most C."""
