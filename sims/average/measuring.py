"""Time averages of coupled agents with linear drift: simulated, and what the theory says of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sdeopt as so
import theory
from sims.shared.stationary import forgetting_time

RATE_DT = 0.8
"""(k + largest curvature)·dt. Averages over time are exact with any dt: summed over its steps,
x' = x − Ax dt + ΔW of Euler-Maruyama gives A·(average) = (noise + x_start − x_end)/t."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class System:
    """dxⁱ = (−A xⁱ + k (x• − xⁱ)) dt + B dWⁱ with a symmetric A."""

    drift: Array
    covariance: Array
    agents: int = 1
    coupling: float = 0.0

    @property
    def slowest(self) -> float:
        """The least eigenvalue of A, the rate of the mean."""
        return float(np.linalg.eigvalsh(self.drift)[0])

    def dt(self) -> float:
        """Return the time step."""
        return RATE_DT / (self.coupling + float(np.linalg.eigvalsh(self.drift)[-1]))


@dataclass(frozen=True)
class Averaging:
    """How time averages are taken."""

    replicas: int
    windows: int
    window: float
    seed: int


@dataclass(frozen=True)
class TimeAverages:
    """Averages of the mean (replica, window, dim), the length of a window, dt, and agent-steps."""

    values: Array
    time: float
    dt: float
    work: int


def time_averages(system: System, how: Averaging, dt: float | None = None) -> TimeAverages:
    """Simulate, and average the mean of the agents over windows of time."""
    step = system.dt() if dt is None else dt
    return _averaged(
        so.losses.Quadratic(system.drift),
        how,
        rate=system.slowest,
        step=step,
        algorithm=so.QSGD(coupling=system.coupling),
        step_size=1.0,
        noise=so.noise.Gaussian(covariance=system.covariance),
        agents=system.agents,
        clock=so.clock.SDE(dt=step),
    )


def unlike(curvature: float, deviation: float, preconditioners: Array, coupling: float) -> System:
    """Return agents with preconditioners of their own in one dimension, as one agent in p dimensions.

    dxⁱ = Pᵢ (−h xⁱ dt + σ dWⁱ) + k (x• − xⁱ) dt is linear in all xⁱ together.
    """
    p = len(preconditioners)
    apart = np.eye(p) - np.full((p, p), 1 / p)
    drift = np.diag(preconditioners * curvature) + coupling * apart
    return System(drift, np.diag((preconditioners * deviation) ** 2))


def scaled_coupling(
    curvature: float,
    deviation: float,
    preconditioners: Array,
    coupling: float,
    how: Averaging,
) -> TimeAverages:
    """Average dxⁱ = Pᵢ (−h xⁱ + k (x• − xⁱ)) dt + Pᵢ σ dWⁱ: the coupling is preconditioned as well.

    It is the iteration of QSGD with steps Pᵢ dt of the agents' own.
    """
    step = RATE_DT / (float(preconditioners.max()) * (curvature + coupling))
    return _averaged(
        so.losses.Quadratic(curvature),
        how,
        rate=float(preconditioners.min()) * curvature,
        step=step,
        algorithm=so.QSGD(coupling=coupling),
        step_size=[float(number) * step for number in preconditioners],
        noise=so.noise.Gaussian(covariance=[[deviation**2 / step]]),
        agents=len(preconditioners),
    )


def _averaged(
    loss: Any, how: Averaging, *, rate: float, step: float, algorithm: Any, **arguments: Any
) -> TimeAverages:
    """Return averages over windows, after the start (at the minimum) is forgotten."""
    early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=2 * rate) / step))
    length = int(np.ceil(how.window / rate / step))
    run = so.simulate(
        loss,
        algorithm,
        steps=early + how.windows * length,
        start=so.start.Point(0.0),
        replicas=how.replicas,
        seed=how.seed,
        record=so.record.At((early + length * np.arange(how.windows + 1)).tolist(), ("mean",)),
        statistics=["agent_mean"],
        progress=False,
        **arguments,
    )
    averages = run["agent_mean"].isel(step=slice(1, None)).transpose("replica", "step", "dim")
    work = (early + how.windows * length) * arguments["agents"] * how.replicas
    return TimeAverages(np.asarray(averages.values), length * step, step, work)


def ends(drift: Array, covariance: Array, time: float, dt: float) -> Array:
    """Return what the ends of a window add to t times the covariance of its average, exactly."""
    from scipy import linalg

    inverse = np.linalg.inv(drift)
    settled = linalg.solve_discrete_lyapunov(np.eye(len(drift)) - drift * dt, covariance * dt)
    crossed = inverse @ covariance
    return np.asarray(inverse @ (2 * settled - crossed - crossed.T) @ inverse.T / time)


def excess(curvature: float, preconditioners: Array, coupling: ArrayLike) -> Array:
    """Return by what share two agents with preconditioners of their own miss the closed form."""
    first, second = preconditioners
    found = theory.load("lemma_5_5_unlike_preconditioners").evaluate(
        "excess",
        coupling=coupling,
        first_preconditioner=first,
        second_preconditioner=second,
        hessian_eigenvalue=curvature,
    )
    return np.asarray(found)
