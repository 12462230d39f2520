"""Exact values for linear drift: lengths, averages over a step, bias of time steps, clouds of agents."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    >>> from sims.shared.linear import mean_length
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
    >>> from sims.shared.linear import time_step_bias
    >>> round(float(time_step_bias(0.1)), 5)
    -0.0017
    """
    z = np.asarray(pull, np.float64)
    return np.asarray((1 - z + z**2 / 3) / (1 - z + z**2 / 2 - z**3 / 8) - 1)


def averaged_over_step(drift: ArrayLike, covariance: ArrayLike, dt: float) -> Array:
    """Return the covariance of position and velocity as two looks at the position give them.

    Parameters
    ----------
    drift : array_like, shape (2n, 2n)
        A of dz = A z dt + noise with z = (x, v) and dx = v dt.
    covariance : array_like, shape (2n, 2n)
        Of z in its stationary state.
    dt : float
        The time between the looks.

    Returns
    -------
    numpy.ndarray
        Of ((x(t + dt) + x(t))/2, (x(t + dt) − x(t))/dt).

    Examples
    --------
    >>> from sims.shared.linear import averaged_over_step
    >>> averaged_over_step([[0, 1], [-1, -2]], [[0.25, 0], [0, 0.25]], 0.01).round(3)
    array([[0.25 , 0.   ],
           [0.   , 0.248]])
    """
    from scipy import linalg

    moments = np.asarray(covariance, np.float64)
    half = len(moments) // 2
    now = moments[:half, :half]
    later = (linalg.expm(np.asarray(drift, np.float64) * dt) @ moments)[:half, :half]
    middle = (2 * now + later + later.T) / 4
    speed = (2 * now - later - later.T) / dt**2
    mixed = (later.T - later) / (2 * dt)
    return np.block([[middle, mixed], [mixed.T, speed]])


def scheme_covariance(drift: ArrayLike, noise: ArrayLike, dt: float) -> Array:
    """Return the stationary covariance that the scheme of order 1.5 gives dz = A z dt + G dW.

    Parameters
    ----------
    drift : array_like, shape (m, m)
        A.
    noise : array_like, shape (m, m)
        GGᵀ.
    dt : float
        The time step.

    Returns
    -------
    numpy.ndarray
        Of z.

    Notes
    -----
    A step of Rößler's SRA1 is z ← (1 + A dt + (A dt)²/2) z + G W + A G Z, where Var W = dt,
    Var Z = dt³/3 and Cov(W, Z) = dt²/2.

    Examples
    --------
    >>> from sims.shared.linear import scheme_covariance, time_step_bias
    >>> found = scheme_covariance([[-2.0]], [[1.0]], 0.1)
    >>> bool(abs(found[0, 0] / 0.25 - 1 - time_step_bias(0.2)) < 1e-12)
    True
    """
    from scipy import linalg

    a, g = np.asarray(drift, np.float64), np.asarray(noise, np.float64)
    step = np.eye(len(a)) + a * dt + a @ a * dt**2 / 2
    added = g * dt + (a @ g + g @ a.T) * dt**2 / 2 + a @ g @ a.T * dt**3 / 3
    return np.asarray(linalg.solve_discrete_lyapunov(step, added))


def spread_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> NDArray[np.float64]:
    """Return the stationary variance of an agent around the mean of its replica.

    x^i − x• is multiplied by 1 − ηk in every step and gains the noise η(ζ^i − ζ•), so

        E (x^i − x•)² = (1 − 1/p) η² Var ζ / (ηk(2 − ηk)).

    It is least at k = 1/η, where it is the noise of one step.

    Parameters
    ----------
    coupling, step_size, agents, noise_variance : array_like
        k with 0 < ηk < 2, η, p and Var ζ (divided by b for minibatches); they broadcast.

    Returns
    -------
    numpy.ndarray
        The variance of one coordinate.

    Examples
    --------
    >>> from sims.shared.linear import spread_variance
    >>> spread_variance(coupling=[5.0, 20.0], step_size=0.05, agents=4, noise_variance=27.0).round(4)
    array([0.1157, 0.0506])
    """
    pulled = np.asarray(step_size) * np.asarray(coupling)
    one_step = np.asarray(step_size) ** 2 * np.asarray(noise_variance)
    variance: NDArray[np.float64] = np.asarray(
        (1.0 - 1.0 / np.asarray(agents)) * one_step / (pulled * (2.0 - pulled))
    )
    return variance


def smoothing_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> NDArray[np.float64]:
    """Return the variance of an agent around y, the mean before the noise of its last step.

    The average gradient of the agents, given y, is the gradient of the loss convolved with a law of
    this variance: the noise of the mean, η² Var ζ / p, and the spread of the agents around it. It is
    never less than η² Var ζ, the smoothing of a single agent.

    Parameters
    ----------
    coupling, step_size, agents, noise_variance : array_like
        As for `spread_variance`.

    Returns
    -------
    numpy.ndarray
        The variance of one coordinate.

    Examples
    --------
    >>> from sims.shared.linear import smoothing_variance
    >>> smoothing_variance(coupling=20.0, step_size=0.05, agents=[1, 4, 100], noise_variance=27.0)
    array([0.0675, 0.0675, 0.0675])
    """
    of_mean = np.asarray(step_size) ** 2 * np.asarray(noise_variance) / np.asarray(agents)
    total: NDArray[np.float64] = of_mean + spread_variance(
        coupling, step_size, agents, noise_variance
    )
    return total
