"""How much a test curve oscillates once it has first descended."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def after_first_descent(accuracy: Array) -> Array:
    """Return an accuracy from its first peak on, where the first descent of the error ends.

    What comes before is the training's beginning, at which every curve is steep.
    """
    tested = accuracy[np.isfinite(accuracy)]
    falls = np.flatnonzero(np.diff(tested) < 0)
    # at the start the accuracy is that of chance, and may fall
    later = falls[falls > 0]
    return tested[later[0] :] if len(later) else tested[-1:]


def oscillation(accuracy: Array) -> float:
    """Return the mean squared distance from the best non-decreasing fit, after the first descent.

    A variance around the mean would count the rise that goes on as oscillation.
    """
    from scipy.optimize import isotonic_regression

    rest = after_first_descent(accuracy)
    return float(((rest - isotonic_regression(rest).x) ** 2).mean())


def largest_drop(accuracy: Array) -> float:
    """Return the largest fall from one test to the next, after the first descent."""
    rest = after_first_descent(accuracy)
    return float(max(-np.diff(rest).min(), 0.0)) if len(rest) > 1 else 0.0


def mean_height(accuracy: Array) -> float:
    """Return the mean of all tests: of two curves to one end, the faster is the higher."""
    return float(accuracy[np.isfinite(accuracy)].mean())
