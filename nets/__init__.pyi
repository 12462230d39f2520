"""What `import nets` offers; each name is loaded from its home when it is first used."""

from . import (
    communication,
    couplings,
    data,
    ensemble,
    networks,
    optimizers,
    training,
)
from .ensemble.ensemble import Ensemble
from .optimizers import EASGD, GradientNoise, WeightNoise
from .training import StallDrops, Trainer

__all__ = [
    "EASGD",
    "Ensemble",
    "GradientNoise",
    "StallDrops",
    "Trainer",
    "WeightNoise",
    "communication",
    "couplings",
    "data",
    "ensemble",
    "networks",
    "optimizers",
    "training",
]
