"""The linear network of Adilova et al. (2018, Sec. 4.1): three layers of 32, 64 and 1 neurons."""

from functools import partial

from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import feature_count
from nets.networks.perceptron import Perceptron
from sdeopt.errors import InvalidArgumentError

WIDTHS = (32, 64)


def suited_to(data: DataSet) -> "partial[Perceptron]":
    """Return how to make a network without activations, for the squared loss."""
    if data.classes != 1:
        raise InvalidArgumentError(
            f"data set '{data.name}' has {data.classes} classes, but the network 'susy_linear' "
            "has one output for targets -1 and 1; give it data.with_signs()."
        )
    features = feature_count(data, "susy_linear")
    return partial(Perceptron, features, 1, WIDTHS, activation=nn.Identity, dropout=0.0)
