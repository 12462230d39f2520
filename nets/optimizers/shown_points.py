"""Another point in the parameters for a while, such as the quorum variable during a validation."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

__all__ = ["showing"]


@contextmanager
def showing(parameters: Sequence[Tensor], points: Sequence[Tensor]) -> Iterator[None]:
    """Copy points into parameters, and the parameters back when the block ends.

    Parameters
    ----------
    parameters, points : sequence of Tensor
        As many of the one as of the other, of the same shapes.

    Yields
    ------
    None
        The parameters keep their memory, so that views of them see the points too.

    Examples
    --------
    >>> import torch
    >>> from nets.optimizers.shown_points import showing
    >>> weight = torch.zeros(2)
    >>> with showing([weight], [torch.ones(2)]):
    ...     print(weight)
    tensor([1., 1.])
    >>> weight
    tensor([0., 0.])
    """
    kept = [parameter.detach().clone() for parameter in parameters]
    try:
        _overwrite(parameters, points)
        yield
    finally:
        _overwrite(parameters, kept)


@torch.no_grad()
def _overwrite(parameters: Sequence[Tensor], points: Sequence[Tensor]) -> None:
    for parameter, point in zip(parameters, points, strict=True):
        parameter.copy_(point)
