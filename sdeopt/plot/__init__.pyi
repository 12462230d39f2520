"""What `sdeopt.plot` offers; each name is loaded from its home when it is first used."""

from .backdrop import landscape
from .couplings import phase
from .laws import density
from .motion import animate
from .paths import synchronization, trajectories

__all__ = ["animate", "density", "landscape", "phase", "synchronization", "trajectories"]
