"""Exact values for linear drift: mean lengths of normal vectors, and the bias of time steps."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["mean_length", "time_step_bias"]

Array = NDArray[np.float64]


def mean_length(covariance: ArrayLike) -> float:
    """Return E‖x‖ of a normal x with mean zero.

    Parameters
    ----------
    covariance : array_like, shape (n, n)
        Of x.

    Returns
    -------
    float
        From E√Y = ∫₀^∞ (1 − E e^{−sY}) s^{−3/2} ds / (2√π), with Y = ‖x‖².

    Examples
    --------
    >>> from sims.comparison.linear import mean_length
    >>> round(mean_length([[1.0]]), 6)
    0.797885
    """
    from scipy import integrate

    values = np.linalg.eigvalsh(np.asarray(covariance, np.float64))
    scale = values.sum()

    def integrand(r: float) -> float:
        # s = r², so that the integrand is smooth at 0
        gone = -np.expm1(-0.5 * np.log1p(2 * r * r * values / scale).sum())
        return float(gone / (r * r))

    total = sum(
        integrate.quad(integrand, low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        for low, high in ((0.0, 1.0), (1.0, np.inf))
    )
    return float(np.sqrt(scale / np.pi) * total)


def time_step_bias(pull: ArrayLike) -> Array:
    """Return by what share the scheme of order 1.5 misses the stationary variance of dx = −a x dt + dW.

    Parameters
    ----------
    pull : array_like
        a·dt.

    Returns
    -------
    numpy.ndarray
        About −(a·dt)²/6: the variance comes out too small.

    Notes
    -----
    With z = a·dt a step of Rößler's SRA1 is x ← (1 − z + z²/2) x + W − z Z/dt, where Var W = dt,
    Var Z = dt³/3 and Cov(W, Z) = dt²/2.

    Examples
    --------
    >>> from sims.comparison.linear import time_step_bias
    >>> round(float(time_step_bias(0.1)), 5)
    -0.0017
    """
    z = np.asarray(pull, np.float64)
    return np.asarray((1 - z + z**2 / 3) / (1 - z + z**2 / 2 - z**3 / 8) - 1)
