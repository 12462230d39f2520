"""Sweeps: one simulation at every point of a grid, and all of them as one dataset."""

from sdeopt.sweeps.sweeping import sweep
from sdeopt.sweeps.variation import grid

__all__ = ["grid", "sweep"]
