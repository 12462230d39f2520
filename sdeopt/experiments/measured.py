"""Measured numbers with Monte Carlo errors, the confidence limits of claims, and log-log slopes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Interval

LEVEL = 0.999
"""The one-sided confidence of every limit."""

FEWEST = 30
"""Fewest replicas: with less, a Student limit is unreliable for means that are not normal."""

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Averages over independent replicas, one for each setting.

    Averages over time or agents are taken within a replica first, because those values are correlated.
    """

    value: Array
    error: Array
    replicas: Array

    @classmethod
    def of(cls, samples: ArrayLike, *, fewest: int = FEWEST) -> Self:
        """Average one number per replica."""
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
        """Return the same in other units: divided by positive exact numbers."""
        units = np.asarray(scale, np.float64)
        return type(self)(
            np.asarray(self.value / units), np.asarray(self.error / units), self.replicas
        )

    def reach(self, level: float = LEVEL) -> Array:
        """Return the distance of a limit from the value: a Student quantile times the error."""
        from scipy import stats

        return np.asarray(stats.t.ppf(level, self.replicas - 1) * self.error)

    @property
    def together(self) -> float:
        """The confidence of each limit with which all of them are limits at `LEVEL`."""
        return 1 - (1 - LEVEL) / max(self.value.size, 1)

    def upper(self, level: float = LEVEL) -> Array:
        """Return the upper confidence limit of the expectation."""
        return self.value + self.reach(level)

    def lower(self, level: float = LEVEL) -> Array:
        """Return the lower confidence limit of the expectation."""
        return self.value - self.reach(level)


HALVES = 40
"""Halves of the replicas from which an error is taken, which is then known to an eighth."""


SHARE: Interval = (0.0, 1.0)
"""Between what a share lies."""


def interval_of(
    statistic: Callable[..., float],
    *samples: ArrayLike,
    possible: Interval = (-np.inf, np.inf),
) -> Interval:
    """Return the 99.9% limits of a function of samples whose first axis is that of the replicas.

    They lie between the `possible` values, and those of a mean of booleans between 0 and 1.

    The function of random halves of the replicas, the same in every sample, scatters around that of
    all of them as that does around its limit (delete-half jackknife, good for quantiles too). A share
    of ones among zeros and ones has the exact limits of Clopper and Pearson, since replicas that are
    all alike leave no scatter to judge by.
    """
    from scipy import stats

    arrays = [np.asarray(sample) for sample in samples]
    count = len(arrays[0])
    share = statistic is np.mean and arrays[0].dtype == np.bool_
    if share and arrays[0].ndim == 1:
        limits = stats.binomtest(int(arrays[0].sum()), count).proportion_ci(2 * LEVEL - 1)
        return float(limits.low), float(limits.high)
    least, most = SHARE if share else possible
    half = count // 2
    if not half:
        return least, most
    random, value = np.random.default_rng(0), float(statistic(*arrays))
    kept = [random.permutation(count)[:half] for _ in range(HALVES)]
    found = np.array([statistic(*(sample[which] for sample in arrays)) for which in kept])
    if not (np.isfinite(found).all() and np.isfinite(value)):
        return least, most
    error = np.sqrt(((found - value) ** 2).mean() * half / (count - half))
    reach = float(stats.t.ppf(LEVEL, min(HALVES, count) - 1) * error)
    return max(value - reach, least), min(value + reach, most)


@dataclass(frozen=True)
class Slope:
    """The exponent of a power law in a parameter, with its standard error."""

    value: float
    error: float

    def reach(self, level: float = LEVEL) -> float:
        """Return the distance of a one-sided confidence limit from the value."""
        from scipy import stats

        return float(stats.norm.ppf(level)) * self.error


def log_slope(x: ArrayLike, measured: Measured) -> Slope:
    """Return the exponent by weighted least squares in logarithms."""
    shares = measured.error / measured.value
    # "unscaled": the errors are known, not estimated from the residuals of a few points
    (slope, _), covariance = np.polyfit(
        np.log(np.asarray(x, np.float64)), np.log(measured.value), 1, w=1 / shares, cov="unscaled"
    )
    return Slope(float(slope), float(np.sqrt(covariance[0, 0])))


def has_slope(words: str, slope: Slope, expected: float, band: float) -> Claim:
    """Claim that an exponent is the expected one: both 99.9% limits within a band around it."""
    return within(
        f"{words} (slope {slope.value:.4f} ± {slope.reach():.4f} in log-log, at 99.9%)",
        slope.value,
        slope.reach(),
        expected,
        band,
        f"largest |confidence limit − ({expected:g})|",
    )


def within(
    words: str, value: float, reach: float, expected: float, band: float, what: str
) -> Claim:
    """Claim that a number is the expected one: both confidence limits within a band around it."""
    off = abs(value - expected)
    return replace(
        Claim.at_most(words, off + reach, band, what, interval=(off - reach, off + reach)),
        estimate=value,
        interval=(value - reach, value + reach),
    )
