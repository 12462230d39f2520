"""A measured number with its Monte Carlo error, and the confidence limits that claims rest on."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError

__all__ = ["LEVEL", "Measured"]

LEVEL = 0.999
"""The one-sided confidence of every limit."""

FEWEST = 30
"""Replicas below which a Student limit says little about means that are not normal."""

Array = NDArray[np.float64]


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
    >>> from sims.comparison.measured import Measured
    >>> found = Measured.of(np.random.default_rng(1).normal(5.0, 1.0, size=400))
    >>> bool(found.lower() < 5.0 < found.upper())
    True
    """

    value: Array
    error: Array
    replicas: Array

    @classmethod
    def of(cls, samples: ArrayLike) -> Self:
        """Average one number per replica; replicas run along the last axis."""
        numbers = np.asarray(samples, np.float64)
        count = numbers.shape[-1]
        if count < FEWEST:
            raise InvalidArgumentError(
                f"a measurement was given {count} replicas, but its confidence limits need at "
                f"least {FEWEST}; run more."
            )
        error = numbers.std(axis=-1, ddof=1) / np.sqrt(count)
        return cls(numbers.mean(axis=-1), error, np.full(error.shape, float(count)))

    @classmethod
    def read(cls, result: xr.Dataset, name: str) -> Self:
        """Take a column of a result, its ``<name>_error`` and its ``replicas``."""
        columns = (name, f"{name}_error", "replicas")
        return cls(*(np.asarray(result[column].values, np.float64) for column in columns))

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
