"""Checks that a gradient is the gradient of its loss."""

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import Loss

STEP = 1e-5
TOLERANCE = 1e-5


def gradient_check(
    loss: Loss, points: int | ArrayLike = 10, seed: int = 0, tolerance: float = TOLERANCE
) -> None:
    """Compare the gradient of a loss with central differences of its value.

    Parameters
    ----------
    loss : Loss
        What to check.
    points : int or array_like, shape (n, dim)
        Where: given points, or a number of points drawn from a standard normal law.
    seed : int
        Of the draw.
    tolerance : float
        Allowed difference, in units of the size of the gradient at the point (at least one).

    Raises
    ------
    InvalidArgumentError
        Naming the first point, the coordinate and both numbers where they differ.

    Examples
    --------
    >>> import sdeopt as so
    >>> so.losses.gradient_check(so.losses.RuggedWell())
    >>> wrong = so.losses.from_functions(lambda x: x * x, lambda x: x)
    >>> try:
    ...     so.losses.gradient_check(wrong, points=[[1.0]])
    ... except so.errors.InvalidArgumentError as problem:
    ...     print(str(problem).partition(": ")[2])
    at x = [1.0], coordinate 0, it is 1 but finite differences give 2.
    """
    if isinstance(points, int):
        where = np.random.default_rng(seed).normal(size=(points, loss.dim))
    else:
        where = np.atleast_2d(np.asarray(points, dtype=np.float64))
    stated = loss.gradient(where)
    # two step lengths, so that the error of the difference itself is known
    coarse, fine = (_central(loss, where, step) for step in (2.0 * STEP, STEP))
    size = np.maximum(np.abs(stated).max(axis=-1, keepdims=True), 1.0)
    rounding = 8.0 * np.finfo(np.float64).eps * np.abs(loss.value(where))[:, None] / STEP
    allowed = tolerance * size + 2.0 * np.abs(coarse - fine) + rounding
    with np.errstate(invalid="ignore"):
        wrong = np.argwhere(np.isfinite(fine) & ~(np.abs(stated - fine) <= allowed))
    if len(wrong):
        point, coordinate = wrong[0]
        raise InvalidArgumentError(
            f"the gradient of {loss.name} is not that of its value: at x = "
            f"{where[point].tolist()}, coordinate {coordinate}, it is "
            f"{stated[point, coordinate]:.8g} but finite differences give "
            f"{fine[point, coordinate]:.8g}."
        )


def _central(loss: Loss, where: Array, step: float) -> Array:
    """Return (f(x + h) − f(x − h)) / 2h for every coordinate."""
    shifts = step * np.maximum(np.abs(where), 1.0)[:, :, None] * np.eye(loss.dim)
    ahead, behind = where[:, None, :] + shifts, where[:, None, :] - shifts
    # the distance as rounded, not as meant
    distance = np.einsum("pdd->pd", ahead - behind)
    return np.asarray((loss.value(ahead) - loss.value(behind)) / distance)
