"""Optimizers for one network: single-agent EASGD, and noise round any optimizer."""

from nets.optimizers.gradient_noise import GradientNoise, restored_batch
from nets.optimizers.single_agent_easgd import EASGD
from nets.optimizers.weight_noise import WeightNoise

__all__ = ["EASGD", "GradientNoise", "WeightNoise", "restored_batch"]
