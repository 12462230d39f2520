"""Initial weights that several networks share."""

import math

from torch import nn

__all__ = ["uniform_dense_"]


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
    >>> from nets.networks.parts.initialization import uniform_dense_
    >>> bool(uniform_dense_(nn.Linear(100, 10)).weight.abs().max() <= 0.1)
    True
    """
    bound = 1 / math.sqrt(layer.in_features)
    for values in layer.parameters():
        nn.init.uniform_(values, -bound, bound)
    return layer
