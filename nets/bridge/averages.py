"""Averages over independent runs, with the confidence limits that the claims rest on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["LEVEL", "Average", "log_slope"]

LEVEL = 0.999
"""The one-sided confidence of every limit."""

Array = NDArray[np.float64]


class Average(NamedTuple):
    """An average, its standard error, and how far a confidence limit is from it.

    Parameters
    ----------
    value, error, reach : numpy.ndarray
        One for each setting.
    """

    value: Array
    error: Array
    reach: Array

    @classmethod
    def of(cls, samples: ArrayLike) -> "Average":
        """Average over the last axis, that of independent runs.

        Parameters
        ----------
        samples : array_like
            Of shape (..., runs).

        Returns
        -------
        Average
            With limits of Student's law.

        Examples
        --------
        >>> from nets.bridge.averages import Average
        >>> found = Average.of([1.0, 2.0, 3.0])
        >>> round(float(found.value), 3), round(float(found.error), 3)
        (2.0, 0.577)
        """
        from scipy import stats

        numbers = np.asarray(samples, np.float64)
        error = np.asarray(stats.sem(numbers, axis=-1))
        reach = np.asarray(stats.t.ppf(LEVEL, numbers.shape[-1] - 1) * error)
        return cls(numbers.mean(-1), error, reach)

    def per(self, scale: ArrayLike) -> "Average":
        """Return all in other units: divided by an exact number."""
        return Average(*(np.asarray(each / np.asarray(scale)) for each in self))


def log_slope(x: ArrayLike, measured: Average) -> Average:
    """Return the power with which a measured number goes with a parameter.

    Parameters
    ----------
    x : array_like
        Positive values of the parameter.
    measured : Average
        Positive numbers there, independent, with errors that are small shares of them.

    Returns
    -------
    Average
        By least squares in logarithms; its limits are normal.

    Examples
    --------
    >>> import numpy as np
    >>> from nets.bridge.averages import Average, log_slope
    >>> p = np.array([1.0, 4.0, 16.0])
    >>> slope = log_slope(p, Average(1 / p, 0.01 / p, 0.03 / p))
    >>> round(float(slope.value), 6), round(float(slope.error), 4)
    (-1.0, 0.0051)
    """
    from scipy import stats

    places, heights = np.log(np.asarray(x, np.float64)), np.log(measured.value)
    shares = measured.error / measured.value
    (slope, _), covariance = np.polyfit(places, heights, 1, w=1 / shares, cov="unscaled")
    error = np.sqrt(covariance[0, 0])
    return Average(np.asarray(slope), error, np.asarray(stats.norm.ppf(LEVEL) * error))
