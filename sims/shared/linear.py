"""Exact values for linear drift: lengths, bias of time steps, spread of agents."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from theory.moments.methods import Method

Array = NDArray[np.float64]


def mean_length(covariance: ArrayLike) -> float:
    """Return E‖x‖ of a normal x with mean zero."""
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


def time_step_bias(rate_dt: ArrayLike) -> Array:
    """Return the relative error of SRA1's stationary variance of dx = −a x dt + dW, given a·dt."""
    z = np.asarray(rate_dt, np.float64)
    return np.asarray((1 - z + z**2 / 3) / (1 - z + z**2 / 2 - z**3 / 8) - 1)


def scheme_covariance(drift: ArrayLike, noise: ArrayLike, dt: float) -> Array:
    """Return the stationary covariance that the scheme of order 1.5 gives dz = A z dt + G dW."""
    a, g = np.asarray(drift, np.float64), np.asarray(noise, np.float64)
    step = np.eye(len(a)) + a * dt + a @ a * dt**2 / 2
    added = g * dt + (a @ g + g @ a.T) * dt**2 / 2 + a @ g @ a.T * dt**3 / 3
    return _stationary(step, added)


def euler_covariance(drift: ArrayLike, noise: ArrayLike, dt: float) -> Array:
    """Return the stationary covariance that Euler-Maruyama gives dz = A z dt + G dW."""
    a, g = np.asarray(drift, np.float64), np.asarray(noise, np.float64)
    return _stationary(np.eye(len(a)) + a * dt, g * dt)


def _stationary(step: Array, added: Array) -> Array:
    """Return the covariance of z ← step z + noise; infinite where it grows without end."""
    from scipy import linalg

    if abs(np.linalg.eigvals(step)).max() >= 1:
        return np.full(step.shape, np.inf)
    return np.asarray(linalg.solve_discrete_lyapunov(step, added))


def linear_systems(method: "Method", curvatures: Iterable[float]) -> list[tuple[Array, Array]]:
    """Return drift and noise of the mean's part and of the differences' part at some curvatures."""
    found = []
    for curvature in curvatures:
        for pencil in (method.together, method.apart):
            drift = pencil.at(curvature)
            # the quorum variable, which comes last, has no noise
            enters = np.array([*method.noisy, 0.0])[: len(drift)]
            found.append((drift, np.outer(enters, enters)))
    return found


def scheme_bias(systems: Iterable[tuple[Array, Array]], dt: float) -> float:
    """Return the largest share by which the scheme of order 1.5 makes stationary variances too small."""
    from scipy import linalg

    shares = [0.0]
    for drift, noise in systems:
        exact = linalg.solve_continuous_lyapunov(drift, -noise)
        found = scheme_covariance(drift, noise, dt)
        shares.append(float(1 - np.trace(found) / np.trace(exact)))
    return max(shares)


def euler_excess(systems: Iterable[tuple[Array, Array]], dt: float) -> float:
    """Return the largest share by which Euler-Maruyama makes a stationary variance too large."""
    from scipy import linalg

    shares = [0.0]
    for drift, noise in systems:
        exact = np.diag(linalg.solve_continuous_lyapunov(drift, -noise))
        found = np.diag(euler_covariance(drift, noise, dt))
        moves = exact > 0
        shares += (found[moves] / exact[moves] - 1).tolist()
    return max(shares)


def largest_stable(
    stable: Callable[[float], bool], low: float, high: float, halvings: int
) -> float:
    """Return where an iteration ceases to be stable, by halving an interval on a logarithmic scale."""
    for _ in range(halvings):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if stable(middle) else (low, middle)
    return float(np.sqrt(low * high))


def spread_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> Array:
    """Return the stationary variance of an agent around the mean of its replica.

    x^i − x• is multiplied by 1 − ηk in every step and gains the noise η(ζ^i − ζ•), so

        E (x^i − x•)² = (1 − 1/p) η² Var ζ / (ηk(2 − ηk)).

    It is least at k = 1/η, where it is the noise of one step.
    """
    shrinks = np.asarray(step_size) * np.asarray(coupling)
    one_step = np.asarray(step_size) ** 2 * np.asarray(noise_variance)
    variance: Array = np.asarray(
        (1.0 - 1.0 / np.asarray(agents)) * one_step / (shrinks * (2.0 - shrinks))
    )
    return variance


def smoothing_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> Array:
    """Return the variance of an agent around y, the mean before the noise of its last step.

    The average gradient of the agents, given y, is the gradient of the loss convolved with a law of
    this variance: the noise of the mean, η² Var ζ / p, and the spread of the agents around it. It is
    never less than η² Var ζ, the smoothing of a single agent.
    """
    of_mean = np.asarray(step_size) ** 2 * np.asarray(noise_variance) / np.asarray(agents)
    total: Array = of_mean + spread_variance(coupling, step_size, agents, noise_variance)
    return total
