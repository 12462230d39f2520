"""What several networks share: initial weights, batch normalization, and whether a data set suits."""

import math

from torch import nn

from nets.data.data_set import DataSet
from sdeopt.errors import InvalidArgumentError


def uniform_dense_(layer: nn.Linear) -> nn.Linear:
    """Draw the weights and biases of a dense layer uniformly between ±1/√n, n its inputs."""
    bound = 1 / math.sqrt(layer.in_features)
    for values in layer.parameters():
        nn.init.uniform_(values, -bound, bound)
    return layer


def batch_statistics(channels: int) -> nn.BatchNorm2d:
    """Return batch normalization by the batch's own statistics, in training and evaluation."""
    return nn.BatchNorm2d(channels, track_running_stats=False)


def image_shape(data: DataSet, network: str) -> tuple[int, int, int]:
    """Return the channels, height and width of a data set's images."""
    if len(data.shape) != 3:
        raise _unsuitable(data, network, "images of shape (channels, height, width)")
    channels, height, width = data.shape
    return channels, height, width


def feature_count(data: DataSet, network: str) -> int:
    """Return how many numbers one input of a data set holds."""
    if not data.inputs.is_floating_point():
        raise _unsuitable(data, network, "inputs of real numbers")
    return data.inputs[0].numel()


def vocabulary_size(data: DataSet, network: str) -> int:
    """Return how many words the vocabulary of a text has."""
    if data.inputs.is_floating_point() or len(data.shape) != 1:
        raise _unsuitable(data, network, "rows of word numbers")
    return data.classes


def _unsuitable(data: DataSet, network: str, needed: str) -> InvalidArgumentError:
    kind = str(data.inputs.dtype).removeprefix("torch.")
    return InvalidArgumentError(
        f"data set '{data.name}' has inputs of shape {data.shape} and type {kind}, but the "
        f"network '{network}' needs {needed}; choose another network or data set."
    )
