"""First-passage times from series of looks, with what had not passed by the end counted honestly.

A run that ends before the event is *censored*: its time is known to be longer than the run. Leaving
such runs out, or taking their end for the event, makes escapes look faster than they are.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sdeopt.errors import InvalidArgumentError

__all__ = ["MeanTime", "Passages", "mean_time"]

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Passages:
    """Times of first passage, some of them only known to be longer.

    Parameters
    ----------
    times : numpy.ndarray
        When each run passed, or how long it was watched in vain.
    passed : numpy.ndarray of bool
        Whether it passed.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.analysis.first_passage import Passages
    >>> looks = np.array([[0.0, 0.0], [0.4, 1.2], [0.9, 0.1]])
    >>> found = Passages.of(looks > 1.0, times=[0.0, 10.0, 20.0])
    >>> found.times, found.passed
    (array([20., 10.]), array([False,  True]))
    """

    times: Array
    passed: NDArray[np.bool_]

    @classmethod
    def of(cls, there: ArrayLike, times: ArrayLike) -> "Passages":
        """Return the first passage of every run of a series.

        Parameters
        ----------
        there : array_like of bool, shape (looks, ...)
            Whether each run is at its goal at each look. A visit between two looks is not seen:
            times are late by up to the time between looks, or more where visits are short.
        times : array_like, shape (looks,)
            Of the looks, increasing.
        """
        seen, clock = np.asarray(there, bool), np.asarray(times, np.float64)
        if len(clock) != len(seen):
            raise InvalidArgumentError(
                f"{len(clock)} times were given for {len(seen)} looks; give one for each look."
            )
        passed = np.asarray(seen.any(axis=0))
        return cls(np.where(passed, clock[seen.argmax(axis=0)], clock[-1]), passed)

    def survival(self) -> tuple[Array, Array]:
        """Return the Kaplan–Meier estimate of the share that has not passed.

        Returns
        -------
        times, share : numpy.ndarray
            The share from each time on, beginning with all at 0.
        """
        times, passed = self.times.ravel(), self.passed.ravel()
        censored: Any = stats.CensoredData(uncensored=times[passed], right=times[~passed])
        curve = stats.ecdf(censored).sf
        return np.append(0.0, curve.quantiles), np.append(1.0, curve.probabilities)


@dataclass(frozen=True)
class MeanTime:
    """An estimated mean time between events.

    Parameters
    ----------
    value : float
        The estimate; infinite without any event.
    low, high : float
        Ends of its 95% interval.
    events : int
        What it rests on.
    """

    value: float
    low: float
    high: float
    events: int

    @property
    def log_error(self) -> float:
        """The standard error of the logarithm of the estimate."""
        return float(self.events**-0.5) if self.events else float("inf")


def mean_time(passages: Passages, level: float = 0.95) -> MeanTime:
    """Return the mean time of first passage, all time under watch divided by all events.

    Parameters
    ----------
    passages : Passages
        Of independent runs.
    level : float
        Of the interval.

    Returns
    -------
    MeanTime
        The maximum-likelihood estimate for exponential times, as escapes over a high barrier are,
        with its chi-squared interval (exact when watching stops at an event, and a little wide when
        it stops at a time). Without censoring it is the plain average for any law.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.analysis.first_passage import Passages, mean_time
    >>> watched = Passages(np.array([2.0, 5.0, 5.0]), np.array([True, False, False]))
    >>> estimate = mean_time(watched)
    >>> estimate.value, estimate.events
    (12.0, 1)
    >>> round(estimate.low, 1), round(estimate.high)
    (2.2, 474)
    """
    events, watched = int(passages.passed.sum()), float(passages.times.sum())
    tail = 0.5 * (1.0 - level)
    low = 2.0 * watched / stats.chi2.isf(tail, 2 * events + 2)
    high = 2.0 * watched / stats.chi2.ppf(tail, 2 * events) if events else np.inf
    return MeanTime(watched / events if events else np.inf, float(low), float(high), events)
