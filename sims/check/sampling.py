"""Constants of a loss estimated at points: second and third derivatives, by differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.losses.loss import Loss

__all__ = ["bend", "curvatures", "extreme", "hessians"]

Array = NDArray[np.float64]
Box = tuple[tuple[float, float], ...]

STEP, WIDE_STEP = 1e-5, 1e-3
"""Of differences of the gradient, relative to the size of a point: once, and twice."""

POINTS, WORK = 1024, 4_000_000
"""Points looked at, fewer in many dimensions: the numbers of a table of derivatives."""

POLISHES = 3


def hessians(loss: Loss, points: Array) -> Array:
    """Return ∇²f at points, by central differences of the gradient.

    Parameters
    ----------
    loss : Loss
        f.
    points : numpy.ndarray, shape (m, n)
        Where.

    Returns
    -------
    numpy.ndarray, shape (m, n, n)
        Symmetric.

    Examples
    --------
    >>> from typing import Any

    import numpy as np
    >>> import sdeopt as so
    >>> from sims.check.sampling import hessians
    >>> hessians(so.losses.Quadratic([[2.0, 1.0], [1.0, 2.0]]), np.zeros((1, 2))).round(6)
    array([[[2., 1.],
            [1., 2.]]])
    """
    step = STEP * (1 + np.abs(points).max())
    shifts = step * np.eye(loss.dim)
    ahead = loss.gradient(points[:, None, :] + shifts)
    behind = loss.gradient(points[:, None, :] - shifts)
    slopes = (ahead - behind) / (2 * step)
    return np.asarray((slopes + np.swapaxes(slopes, -1, -2)) / 2)


def curvatures(loss: Loss, points: Array) -> Array:
    """Return the least and the largest eigenvalue of ∇²f at points, shape (m, 2)."""
    values = np.linalg.eigvalsh(hessians(loss, points))
    return np.asarray(values[:, [0, -1]])


def bend(loss: Loss, points: Array) -> Array:
    """Return at points the largest spectral norm of the Hessians of the components of ∇f."""
    step = WIDE_STEP * (1 + np.abs(points).max())
    axes = step * np.eye(loss.dim)
    total = np.zeros((len(points), loss.dim, loss.dim, loss.dim))
    for one in (1, -1):
        for other in (1, -1):
            shifted = points[:, None, None, :] + one * axes[:, None, :] + other * axes[None, :, :]
            total += one * other * loss.gradient(shifted)
    # (m, component, row, column)
    third = np.moveaxis(total, -1, 1) / (4 * step**2)
    return np.asarray(np.abs(np.linalg.eigvalsh(third)).max(axis=(1, 2)))


def extreme(measure: Callable[[Array], Array], box: Box, order: int) -> float:
    """Return the largest value of a function of points that was found in a box.

    Parameters
    ----------
    measure : callable
        From points of shape (m, n) to m numbers.
    box : tuple of (low, high)
        For each coordinate.
    order : int
        1 or 2: how a table of what is measured grows with n beyond the points themselves.

    Returns
    -------
    float
        Too small if anything: of points of a Sobol sequence and the middle, the best of them moved
        uphill.
    """
    from scipy import optimize, stats

    low, high = (np.array(ends) for ends in zip(*box, strict=True))
    size = len(box)
    exponent = int(np.log2(np.clip(WORK // size ** (order + 1), 16, POINTS)))
    sample = stats.qmc.Sobol(size, seed=1).random_base2(exponent)
    corners = np.array([np.zeros(size), np.ones(size), np.full(size, 0.5)])
    points = low + (high - low) * np.concatenate([sample, corners])
    values = measure(points)
    best = points[np.argsort(values)[-POLISHES:]]
    found = float(values.max())
    options: Any = {"maxfev": 60 * size, "xatol": 1e-6, "fatol": 1e-9}
    for point in best:
        climbed = optimize.minimize(  # type: ignore[call-overload]  # its stubs want *args
            lambda x: -float(measure(np.clip(x, low, high)[None])[0]),
            point,
            method="Nelder-Mead",
            bounds=box,
            options=options,
        )
        found = max(found, -float(climbed.fun))
    return found
