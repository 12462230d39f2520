"""The largest and the smallest eigenvalue of the Hessian, from its products with vectors alone."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from nets.bridge.landscape import Landscape

__all__ = ["Curvature", "curvature"]

TOLERANCE = 1e-4
"""Of the eigenvalues, as a share of the largest."""

KRYLOV = 60
"""The size of Lanczos' subspace: the lower end of a network's spectrum is crowded."""


class Curvature(NamedTuple):
    """The ends of the spectrum of ∇²f at a point.

    Parameters
    ----------
    smallest, largest : float
        The eigenvalues. −smallest is a lower bound of λ̄, the supremum over all points.
    """

    smallest: float
    largest: float


def curvature(landscape: Landscape, point: torch.Tensor) -> Curvature:
    """Return both ends of the spectrum by Lanczos' method with restarts (ARPACK).

    Parameters
    ----------
    landscape : Landscape
        The loss; in float64, or the small end is lost in rounding.
    point : torch.Tensor
        Of shape (n,), n at least 3.

    Returns
    -------
    Curvature
        Both eigenvalues.

    Examples
    --------
    >>> import torch
    >>> from nets.bridge.curvature import curvature
    >>> from nets.bridge.landscape import Landscape
    >>> line = torch.nn.Linear(4, 1, bias=False).double()
    >>> inputs = torch.tensor([[2.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]).double()
    >>> f = Landscape(line, torch.nn.functional.mse_loss, inputs, torch.zeros(4, 1).double())
    >>> found = curvature(f, torch.ones(4).double())
    >>> round(found.smallest, 6), round(found.largest, 6)
    (0.5, 2.0)
    """

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        there = torch.as_tensor(vector.ravel(), dtype=point.dtype, device=point.device)
        times: NDArray[np.float64] = landscape.hessian_times(point, there).cpu().numpy()
        return times

    size = landscape.size
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    # a start of our own: ARPACK's would be another one in every process
    start = np.random.default_rng(0).standard_normal(size)
    ends = eigsh(
        operator,
        k=2,
        which="BE",
        v0=start,
        ncv=min(size, KRYLOV),
        tol=TOLERANCE,
        return_eigenvectors=False,
    )
    return Curvature(float(ends.min()), float(ends.max()))
