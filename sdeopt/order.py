"""A measured order of convergence: the slope of log error over log dt, with its spread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError

__all__ = ["Order", "measured_order"]

Array: TypeAlias = NDArray[np.float64]

RESAMPLES = 1000
"""Bootstrap samples behind a confidence interval: its ends move by a few percent of its width."""


@dataclass(frozen=True, eq=False)
class Order:
    """A measured order of convergence.

    Attributes
    ----------
    slope : float
        Of log error over log dt, every point weighted by the inverse variance of its logarithm.
    interval : tuple of float
        Confidence interval of the slope from resampled replicas. It covers the Monte Carlo error,
        not the higher powers of dt, which fade as dt is made smaller.
    confidence : float
        Of the interval.
    dt, errors, standard_errors : numpy.ndarray
        One entry per step size, increasing.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.order import Order
    >>> dt = np.array([0.1, 0.2])
    >>> print(Order(1.0, (0.9, 1.1), 0.95, dt, errors=dt, standard_errors=0.01 * dt))
    order 1.000, 95% interval [0.900, 1.100]
    """

    slope: float
    interval: tuple[float, float]
    confidence: float
    dt: Array
    errors: Array
    standard_errors: Array

    def __str__(self) -> str:
        low, high = self.interval
        return f"order {self.slope:.3f}, {self.confidence:.0%} interval [{low:.3f}, {high:.3f}]"


def measured_order(
    sizes: Array,
    samples: Array,
    error: Callable[[Array], Array],
    confidence: float,
    seed: int,
) -> Order:
    """Fit the slope of log error over log dt, and resample the replicas for its spread.

    Parameters
    ----------
    sizes : numpy.ndarray
        Increasing step sizes.
    samples : numpy.ndarray
        One number for each replica and step size.
    error : callable
        The error as a function of the mean of the samples over replicas.
    confidence : float
        Of the interval, between 0 and 1.
    seed : int
        Of the resampling.

    Returns
    -------
    Order
        The fit.

    Raises
    ------
    InvalidArgumentError
        If an error is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.order import measured_order
    >>> sizes = np.array([0.1, 0.2, 0.4])
    >>> samples = np.linspace(1, 2, 50)[:, None] * sizes**2
    >>> print(measured_order(sizes, samples, np.abs, confidence=0.9, seed=0))
    order 2.000, 90% interval [2.000, 2.000]
    """
    level = finite_number(confidence, "confidence", 0, open_end=True)
    if level >= 1:
        raise InvalidArgumentError(f"confidence is {confidence}, but must be below 1.")
    errors = error(samples.mean(axis=0))
    if not np.all(errors > 0):
        raise InvalidArgumentError(
            f"the error at dt = {sizes[errors <= 0][0]:g} is 0, which has no order; "
            "choose a problem that the scheme does not solve exactly."
        )
    replicas = len(samples)
    random = np.random.default_rng(seed)
    shares = (
        random.multinomial(replicas, np.full(replicas, 1 / replicas)) for _ in range(RESAMPLES)
    )
    resampled = error(np.stack([share @ samples for share in shares]) / replicas)
    logarithms = np.log(np.maximum(resampled, np.finfo(float).tiny))
    # Errors without any spread would have infinite weight; rounding bounds it.
    weights = 1.0 / (logarithms.var(axis=0) + np.finfo(float).eps ** 2)
    positions = np.log(sizes) - np.average(np.log(sizes), weights=weights)
    fit = weights * positions / (weights * positions**2).sum()
    ends = np.quantile(logarithms @ fit, [(1 - level) / 2, (1 + level) / 2])
    return Order(
        slope=float(np.log(errors) @ fit),
        interval=(float(ends[0]), float(ends[1])),
        confidence=level,
        dt=sizes,
        errors=errors,
        standard_errors=resampled.std(axis=0, ddof=1),
    )
