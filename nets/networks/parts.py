"""What several networks share: initial weights, batch normalization, and whether a data set suits."""

import math

from torch import nn

from nets.data.data_set import DataSet
from sdeopt.errors import InvalidArgumentError


def uniform_dense_(layer: nn.Linear) -> nn.Linear:
    """Draw the weights and biases of a dense layer uniformly between ±1/√n, n its inputs.

    Parameters
    ----------
    layer : torch.nn.Linear
        Overwritten.

    Returns
    -------
    torch.nn.Linear
        The layer.

    Examples
    --------
    >>> from torch import nn
    >>> from nets.networks.parts import uniform_dense_
    >>> bool(uniform_dense_(nn.Linear(100, 10)).weight.abs().max() <= 0.1)
    True
    """
    bound = 1 / math.sqrt(layer.in_features)
    for values in layer.parameters():
        nn.init.uniform_(values, -bound, bound)
    return layer


def batch_statistics(channels: int) -> nn.BatchNorm2d:
    """Return batch normalization by the batch's own statistics, in training and evaluation.

    Parameters
    ----------
    channels : int
        Of the images.

    Returns
    -------
    torch.nn.BatchNorm2d
        Without running statistics: there is no buffer to average, and nothing that changes in
        place when many copies of a network are evaluated in one pass.

    Examples
    --------
    >>> from nets.networks.parts import batch_statistics
    >>> list(batch_statistics(4).buffers())
    []
    """
    return nn.BatchNorm2d(channels, track_running_stats=False)


def image_shape(data: DataSet, network: str) -> tuple[int, int, int]:
    """Return the channels, height and width of a data set's images.

    Parameters
    ----------
    data : DataSet
        Of images.
    network : str
        The name of the network that needs them.

    Returns
    -------
    tuple of int
        Shape of one image.

    Raises
    ------
    InvalidArgumentError
        If the inputs are no images.

    Examples
    --------
    >>> from nets.data import load
    >>> from nets.networks.parts import image_shape
    >>> image_shape(load("digits"), "resnet18")
    (1, 28, 28)
    """
    if len(data.shape) != 3:
        raise _unsuitable(data, network, "images of shape (channels, height, width)")
    channels, height, width = data.shape
    return channels, height, width


def feature_count(data: DataSet, network: str) -> int:
    """Return how many numbers one input of a data set holds.

    Parameters
    ----------
    data : DataSet
        Of tables or images.
    network : str
        The name of the network that needs them.

    Returns
    -------
    int
        Features, or pixels times channels.

    Raises
    ------
    InvalidArgumentError
        If the inputs are word numbers.

    Examples
    --------
    >>> from nets.data import load
    >>> from nets.networks.parts import feature_count
    >>> feature_count(load("digits"), "perceptron")
    784
    """
    if not data.inputs.is_floating_point():
        raise _unsuitable(data, network, "inputs of real numbers")
    return data.inputs[0].numel()


def vocabulary_size(data: DataSet, network: str) -> int:
    """Return how many words a data set of text knows.

    Parameters
    ----------
    data : DataSet
        Of word numbers.
    network : str
        The name of the network that needs them.

    Returns
    -------
    int
        Size of the vocabulary.

    Raises
    ------
    InvalidArgumentError
        If the inputs are no rows of word numbers.

    Examples
    --------
    >>> from nets.data import load
    >>> from nets.networks.parts import vocabulary_size
    >>> vocabulary_size(load("python_reference"), "lstm")
    2000
    """
    if data.inputs.is_floating_point() or len(data.shape) != 1:
        raise _unsuitable(data, network, "rows of word numbers")
    return data.classes


def _unsuitable(data: DataSet, network: str, needed: str) -> InvalidArgumentError:
    kind = str(data.inputs.dtype).removeprefix("torch.")
    return InvalidArgumentError(
        f"data set '{data.name}' has inputs of shape {data.shape} and type {kind}, but the "
        f"network '{network}' needs {needed}; choose another network or data set."
    )
