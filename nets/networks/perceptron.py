"""Dense networks, among them the MNIST perceptron of Adilova et al. (2018, Sec. 4.2)."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import feature_count, uniform_dense_

WIDTHS = (512, 512)


class Perceptron(nn.Module):
    """Dense layers, each with an activation and dropout, and a dense layer of outputs."""

    def __init__(
        self,
        features: int,
        classes: int,
        widths: Sequence[int] = WIDTHS,
        *,
        activation: type[nn.Module] = nn.ReLU,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        for before, after in pairwise([features, *widths]):
            layers += [uniform_dense_(nn.Linear(before, after)), activation()]
            if dropout:
                layers.append(nn.Dropout(dropout))
        self.layers = nn.Sequential(*layers, uniform_dense_(nn.Linear(widths[-1], classes)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs of a batch, of shape (batch, classes)."""
        outputs: torch.Tensor = self.layers(inputs)
        return outputs


def suited_to(
    data: DataSet, *, widths: Sequence[int] = WIDTHS, dropout: float = 0.5
) -> "partial[Perceptron]":
    """Return how to make a network for a data set of images or tables."""
    features = feature_count(data, "perceptron")
    return partial(Perceptron, features, data.classes, widths, dropout=dropout)
