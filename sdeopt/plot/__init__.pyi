"""What `sdeopt.plot` offers; each name is loaded from its home when it is first used."""

from .backdrop import landscape
from .laws import density
from .motion import animate
from .paths import synchronization, trajectories
from .tuning import phase

__all__ = ["animate", "density", "landscape", "phase", "synchronization", "trajectories"]
