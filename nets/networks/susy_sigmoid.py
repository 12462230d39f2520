"""The sigmoid network of Adilova et al. (2018, Sec. 4.2): three layers of 32, 64 and 2 neurons."""

from functools import partial

from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import feature_count
from nets.networks.perceptron import Perceptron

__all__ = ["suited_to"]

WIDTHS = (32, 64)


def suited_to(data: DataSet) -> "partial[Perceptron]":
    """Return how to make a network with sigmoid activations, for the cross-entropy.

    Parameters
    ----------
    data : DataSet
        With class numbers; one output for each class. The softmax belongs to the loss.

    Returns
    -------
    callable
        Makes a network with new random weights at each call.

    Examples
    --------
    >>> from nets import data
    >>> from nets.networks import susy_sigmoid
    >>> make = susy_sigmoid.suited_to(data.load("digit_parity"))
    >>> sum(weights.numel() for weights in make().parameters())
    2850
    """
    features = feature_count(data, "susy_sigmoid")
    return partial(Perceptron, features, data.classes, WIDTHS, activation=nn.Sigmoid, dropout=0.0)
