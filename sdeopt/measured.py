"""A measured number with its Monte Carlo error, and the confidence limits that claims rest on."""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError

__all__ = ["FEWEST", "LEVEL", "Array", "Measured"]

LEVEL = 0.999
"""The one-sided confidence of every limit."""

FEWEST = 30
"""Replicas below which a Student limit says little about means that are not normal."""

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Averages over independent replicas, one for each setting.

    Replicas are the independent unit: what is averaged over time or agents within a replica is
    averaged first, so that correlated values never count as several.

    Parameters
    ----------
    value, error : numpy.ndarray
        The average, and its standard error.
    replicas : numpy.ndarray
        How many replicas it is the average of.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.measured import Measured
    >>> found = Measured.of(np.random.default_rng(1).normal(5.0, 1.0, size=400))
    >>> bool(found.lower() < 5.0 < found.upper())
    True
    """

    value: Array
    error: Array
    replicas: Array

    @classmethod
    def of(cls, samples: ArrayLike, *, fewest: int = FEWEST) -> Self:
        """Average one number per replica.

        Parameters
        ----------
        samples : array_like
            Replicas run along the last axis.
        fewest : int
            How many there must be. Fewer than `FEWEST` will do where what is averaged is near
            normal already, such as where it is an average itself, over time or agents.

        Returns
        -------
        Measured
            One for each place on the other axes.

        Examples
        --------
        >>> from sdeopt.measured import Measured
        >>> found = Measured.of([1.0, 2.0, 3.0], fewest=3)
        >>> round(float(found.value), 3), round(float(found.error), 3)
        (2.0, 0.577)
        """
        numbers = np.asarray(samples, np.float64)
        count = numbers.shape[-1]
        if count < fewest:
            raise InvalidArgumentError(
                f"a measurement was given {count} replicas, but its confidence limits need at "
                f"least {fewest}; run more."
            )
        error = numbers.std(axis=-1, ddof=1) / np.sqrt(count)
        return cls(numbers.mean(axis=-1), error, np.full(error.shape, float(count)))

    @classmethod
    def read(cls, result: xr.Dataset, name: str) -> Self:
        """Take a column of a result, its ``<name>_error`` and its ``replicas``."""
        columns = (name, f"{name}_error", "replicas")
        return cls(*(np.asarray(result[column].values, np.float64) for column in columns))

    def at(self, which: NDArray[np.bool] | NDArray[np.int64]) -> Self:
        """Return some of the settings, by a mask or by their places."""
        return type(self)(self.value[which], self.error[which], self.replicas[which])

    def per(self, scale: ArrayLike) -> Self:
        """Return the same in other units: divided by numbers that are positive and exact."""
        units = np.asarray(scale, np.float64)
        return type(self)(
            np.asarray(self.value / units), np.asarray(self.error / units), self.replicas
        )

    def reach(self, level: float = LEVEL) -> Array:
        """Return how far a limit is from the value: a Student quantile of the error."""
        from scipy import stats

        return np.asarray(stats.t.ppf(level, self.replicas - 1) * self.error)

    def upper(self, level: float = LEVEL) -> Array:
        """Return what the expectation is below, with this confidence."""
        return self.value + self.reach(level)

    def lower(self, level: float = LEVEL) -> Array:
        """Return what the expectation is above, with this confidence."""
        return self.value - self.reach(level)
