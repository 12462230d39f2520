"""All networks by name: each module of `nets.networks` offers one by its ``suited_to``."""

from collections.abc import Callable
from typing import Any

from torch import nn

from nets.catalogue import find, listing
from nets.data.data_set import DataSet


def names() -> list[str]:
    """Return the names of all networks.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from nets import networks
    >>> "three_convolutions" in networks.names()
    True
    """
    return listing("nets.networks")


def load(name: str, data: DataSet, **options: Any) -> Callable[[], nn.Module]:
    """Return how to make a network that suits a data set.

    Parameters
    ----------
    name : str
        One of `names`.
    data : DataSet
        Whose inputs and classes it is for.
    **options
        What the network's own ``suited_to`` takes, e.g. ``dropout=0``.

    Returns
    -------
    callable
        Makes a network, with new random weights at each call. It can be sent to other processes.

    Raises
    ------
    InvalidArgumentError
        If there is no such network or option, or the data do not suit it.

    Examples
    --------
    >>> from nets import data, networks
    >>> make = networks.load("perceptron", data.load("digits"), widths=(32,))
    >>> [tuple(weights.shape) for weights in make().parameters()]
    [(32, 784), (32,), (10, 32), (10,)]
    """
    suited_to = find("nets.networks", "network", name, "suited_to", options)
    make: Callable[[], nn.Module] = suited_to(data, **options)
    return make
