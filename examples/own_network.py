"""A network, data and a criterion of one's own, for ``sdeopt train examples/own_network.toml``.

Two moons in the plane; the data are ordinary data sets of torch whose examples are dictionaries.
"""

import math

import torch
from torch.utils.data import Dataset


class Moons(Dataset[dict[str, torch.Tensor]]):
    """Points of two moons that lie in each other, with some noise."""

    def __init__(self, examples: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        angle = math.pi * torch.rand(examples, generator=generator)
        self.labels = torch.arange(examples) % 2
        sign = 1.0 - 2.0 * self.labels
        points = torch.stack([sign * angle.cos(), sign * angle.sin()], dim=1)
        points += self.labels[:, None] * torch.tensor([1.0, 0.5])
        self.points = points + 0.15 * torch.randn(examples, 2, generator=generator)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> dict[str, torch.Tensor]:
        return {"points": self.points[number], "labels": self.labels[number]}


class Net(torch.nn.Module):
    """Two hidden layers; ``forward`` names the entry of a batch that it takes."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(2, width), torch.nn.Tanh(), torch.nn.Linear(width, width),
            torch.nn.Tanh(), torch.nn.Linear(width, 2),
        )  # fmt: skip

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        return self.layers(points)


def data() -> dict[str, Moons]:
    """Return what is learnt from and what is tested on."""
    return {"train": Moons(600, 1), "validation": Moons(200, 2), "test": Moons(400, 3)}


def criterion(outputs: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the loss; the criterion sees the whole batch."""
    return torch.nn.functional.cross_entropy(outputs, batch["labels"], label_smoothing=0.05)
