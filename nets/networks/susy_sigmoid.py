"""The sigmoid network of Adilova et al. (2018, Sec. 4.2): three layers of 32, 64 and 2 neurons."""

from functools import partial

from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import feature_count
from nets.networks.perceptron import Perceptron

WIDTHS = (32, 64)


def suited_to(data: DataSet) -> "partial[Perceptron]":
    """Return how to make a network with sigmoid activations, for the cross-entropy."""
    features = feature_count(data, "susy_sigmoid")
    return partial(Perceptron, features, data.classes, WIDTHS, activation=nn.Sigmoid, dropout=0.0)
