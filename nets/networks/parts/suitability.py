"""Whether a network can be used for a data set, in one sentence."""

from nets.data.data_set import DataSet
from sdeopt.errors import InvalidArgumentError

__all__ = ["feature_count", "image_shape", "vocabulary_size"]


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
    >>> from nets.networks.parts.suitability import image_shape
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
    >>> from nets.networks.parts.suitability import feature_count
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
    >>> from nets.networks.parts.suitability import vocabulary_size
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
