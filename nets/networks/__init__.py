"""Networks, one a file with a function ``suited_to``; all copies can be computed in one pass.

>>> from nets import data, networks
>>> make = networks.load("three_convolutions", data.load("digits"), channels=(8, 16, 32))
>>> sum(weights.numel() for weights in make().parameters())
11514
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from nets.catalogue import find, offered
from nets.data.data_set import DataSet

__all__ = ["load", "names"]


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
    return list(offered("nets.networks", "suited_to"))


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
