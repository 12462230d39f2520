"""Powers of a parameter: slopes in log-log, with intervals, and claims about them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sdeopt.measured import LEVEL, Measured

__all__ = ["Slope", "has_slope", "log_slope"]


@dataclass(frozen=True)
class Slope:
    """The power with which a measured number goes with a parameter.

    Parameters
    ----------
    value, error : float
        The power and its standard error.

    Examples
    --------
    >>> from sdeopt.slopes import Slope
    >>> round(Slope(-1.0, 0.01).reach(), 4)
    0.0309
    """

    value: float
    error: float

    def reach(self, level: float = LEVEL) -> float:
        """Return how far a one-sided confidence limit is from the value."""
        from scipy import stats

        return float(stats.norm.ppf(level)) * self.error


def log_slope(x: ArrayLike, measured: Measured) -> Slope:
    """Return the power by weighted least squares in logarithms.

    Parameters
    ----------
    x : array_like
        Positive values of the parameter, at least two different ones.
    measured : Measured
        Independent positive numbers there, with errors that are small shares of them: the error
        of a logarithm is taken to be that share.

    Returns
    -------
    Slope
        The error is that of sampling alone: a curve has a slope too, but not this one everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.measured import Measured
    >>> from sdeopt.slopes import log_slope
    >>> p = np.array([1.0, 4.0, 16.0])
    >>> slope = log_slope(p, Measured(1 / p, 0.01 / p, np.full(3, 400.0)))
    >>> round(slope.value, 6), round(slope.error, 4)
    (-1.0, 0.0051)
    """
    shares = measured.error / measured.value
    # "unscaled": the errors are known, and not to be guessed from the residuals of a few points
    (slope, _), covariance = np.polyfit(
        np.log(np.asarray(x, np.float64)), np.log(measured.value), 1, w=1 / shares, cov="unscaled"
    )
    return Slope(float(slope), float(np.sqrt(covariance[0, 0])))


def has_slope(words: str, slope: Slope, expected: float, band: float) -> Claim:
    """Claim that a power is an expected one: both 99.9% confidence limits in a band around it.

    Parameters
    ----------
    words : str
        The claim.
    slope : Slope
        The measured power.
    expected, band : float
        The power, and how far it may be off.

    Returns
    -------
    Claim
        About the limit that is farther off.

    Examples
    --------
    >>> from sdeopt.slopes import Slope, has_slope
    >>> has_slope("falls as 1/p", Slope(-1.01, 0.005), -1.0, 0.05).holds
    True
    """
    return Claim.at_most(
        f"{words} (slope {slope.value:.4f} ± {slope.reach():.4f} in log-log, at 99.9%)",
        abs(slope.value - expected) + slope.reach(),
        band,
        f"largest |confidence limit − ({expected:g})|",
    )
