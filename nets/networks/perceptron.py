"""Dense networks, among them the MNIST perceptron of Adilova et al. (2018, Sec. 4.2)."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import feature_count, uniform_dense_

__all__ = ["Perceptron", "suited_to"]

WIDTHS = (512, 512)


class Perceptron(nn.Module):
    """Dense layers, each with an activation and dropout, and a dense layer of outputs.

    Parameters
    ----------
    features : int
        How many numbers an input holds; images are flattened.
    classes : int
        How many outputs.
    widths : sequence of int
        Neurons of each layer before the outputs.
    activation : type of torch.nn.Module
        What follows each of these layers; ``torch.nn.Identity`` makes the network linear.
    dropout : float
        The probability with which a neuron is dropped in training. The paper does not state its
        own: 0.5 is reconstructed.

    Notes
    -----
    The outputs are logits: the softmax belongs to the cross-entropy. Weights and biases begin
    uniform between ±1/√n of a layer's n inputs; the paper does not state its own.

    Examples
    --------
    >>> import torch
    >>> from nets.networks.perceptron import Perceptron
    >>> Perceptron(784, 10)(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """

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
    """Return how to make a network for a data set of images or tables.

    Parameters
    ----------
    data : DataSet
        Whose inputs and classes it is for.
    widths, dropout
        As for `Perceptron`.

    Returns
    -------
    callable
        Makes a network with new random weights at each call.
    """
    features = feature_count(data, "perceptron")
    return partial(Perceptron, features, data.classes, widths, dropout=dropout)
