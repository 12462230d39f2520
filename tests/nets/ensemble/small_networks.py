"""Small networks that together meet what the real ones are made of."""

import torch
from torch import nn


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.ReLU(), nn.Linear(9, 3))


def convolutions(rate: float = 0.0) -> nn.Module:
    """Return two convolutions with batch statistics; odd sizes, so that slices need padding."""
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(3, track_running_stats=False),
        nn.Conv2d(3, 5, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(5, track_running_stats=False),
        nn.Flatten(),
        nn.Dropout(rate),
        nn.Linear(20, 3),
    )


def remembering() -> nn.Module:
    """Return a network that keeps running statistics."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))


def batches(
    agents: int, batch: int = 6, seed: int = 0, dtype: torch.dtype = torch.float64
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a batch of 8×8 images with three classes for each agent."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(agents, batch, 1, 8, 8, generator=generator, dtype=dtype)
    return inputs, torch.randint(3, (agents, batch), generator=generator)
