"""Training coupled agents: the loop, what it measures, and how it resumes."""

from nets.training.callbacks import Callback, EarlyStop
from nets.training.history import History
from nets.training.measurement import Measurement
from nets.training.stall_drops import StallDrops
from nets.training.trainer import Trainer, TrainingDivergedError

__all__ = [
    "Callback",
    "EarlyStop",
    "History",
    "Measurement",
    "StallDrops",
    "Trainer",
    "TrainingDivergedError",
]
