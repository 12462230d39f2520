"""Time averages of coupled agents with linear drift: simulated, and what the theory says of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sdeopt as so
import theory
from sdeopt.algorithms.algorithm import Algorithm
from sims.shared.stationary import forgetting_time

RATE_DT = 0.8
"""(k + largest curvature)·dt. Averages over time are exact with any dt: summed over its steps,
x' = x − Ax dt + ΔW of Euler-Maruyama gives A·(average) = (noise + x_start − x_end)/t."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class System:
    """dxⁱ = (−A xⁱ + k (x• − xⁱ)) dt + B dWⁱ with a symmetric A; or with x~ for x•, EASGD."""

    drift: Array
    covariance: Array
    agents: int = 1
    coupling: float = 0.0
    filtered: bool = False

    @property
    def slowest(self) -> float:
        """The slowest rate of the mean: the least eigenvalue of A, or less where there is x~."""
        return float(np.linalg.eigvals(self.joint().drift).real.min())

    def dt(self) -> float:
        """Return the time step."""
        of_quorum = self.coupling * self.agents if self.filtered else 0.0
        return RATE_DT / (self.coupling + of_quorum + float(np.linalg.eigvalsh(self.drift)[-1]))

    def joint(self) -> "System":
        """Return p times the mean's part as one agent: x•, and behind it x~ where there is one."""
        noise = self.covariance
        if not self.filtered:
            return System(self.drift, noise)
        k, one = self.coupling, np.eye(len(self.drift))
        pull = np.block(
            [[self.drift + k * one, -k * one], [-k * self.agents * one, k * self.agents * one]]
        )
        return System(pull, np.block([[noise, 0 * one], [0 * one, 0 * one]]))


@dataclass(frozen=True)
class Averaging:
    """How time averages are taken."""

    replicas: int
    windows: int
    window: float
    seed: int


@dataclass(frozen=True)
class TimeAverages:
    """Averages of the mean (replica, window, dim), the length of a window, dt, and agent-steps.

    `earlier` is the same of the states before the steps, and `change` that of the mean over a window,
    with x~/p where there is one.
    """

    values: Array
    earlier: Array
    change: Array
    time: float
    dt: float
    work: int

    def most_likely(self, drift: Array) -> Array:
        """Return the estimates of x* of maximum likelihood, which are linear in the score of the paths.

        The score is Σ ∫ AᵀΣ⁻¹ (dxⁱ − drift dt), and its mean over agents has no coupling.
        """
        return np.asarray(self.earlier + self.change / self.time @ np.linalg.inv(drift).T)


def time_averages(system: System, how: Averaging, dt: float | None = None) -> TimeAverages:
    """Simulate, and average the mean of the agents over windows of time."""
    step = system.dt() if dt is None else dt
    return _averaged(
        so.losses.Quadratic(system.drift),
        how,
        rate=system.slowest,
        step=step,
        algorithm=(so.EASGD if system.filtered else so.QSGD)(coupling=system.coupling),
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
    loss: Any, how: Averaging, *, rate: float, step: float, algorithm: Algorithm, **arguments: Any
) -> TimeAverages:
    """Return averages over windows, after the start (at the minimum) is forgotten."""
    kept = ("mean", "quorum") if isinstance(algorithm, so.EASGD) else ("mean",)
    early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=2 * rate) / step))
    length = int(np.ceil(how.window / rate / step))
    run = so.simulate(
        loss,
        algorithm,
        steps=early + how.windows * length,
        start=so.start.Point(0.0),
        replicas=how.replicas,
        seed=how.seed,
        record=so.record.At((early + length * np.arange(how.windows + 1)).tolist(), kept),
        statistics=["agent_mean"],
        progress=False,
        **arguments,
    )
    order = ("replica", "step", "dim")
    averages = run["agent_mean"].isel(step=slice(1, None)).transpose(*order).values
    at_ends = {name: run[name].transpose(*order).values for name in kept}
    moved = {name: np.diff(value, axis=1) for name, value in at_ends.items()}
    drawn = moved["quorum"] / arguments["agents"] if "quorum" in moved else 0.0
    return TimeAverages(
        np.asarray(averages),
        np.asarray(averages - moved["mean"] / length),
        np.asarray(moved["mean"] + drawn),
        length * step,
        step,
        (early + how.windows * length) * arguments["agents"] * how.replicas,
    )


def ends(drift: Array, covariance: Array, time: float, dt: float) -> Array:
    """Return what the ends of a window add to t times the covariance of its average, exactly."""
    from scipy import linalg

    inverse = np.linalg.inv(drift)
    settled = linalg.solve_discrete_lyapunov(np.eye(len(drift)) - drift * dt, covariance * dt)
    crossed = inverse @ covariance
    return np.asarray(inverse @ (2 * settled - crossed - crossed.T) @ inverse.T / time)


def least_variance(system: System, time: float, dt: float) -> Array:
    """Return p·t times the covariance of which no unbiased estimator of x* has less (Cramér and Rao).

    The paths over a time t have the Fisher information p t AᵀΣ⁻¹A, and their start in equilibrium that
    of x* in a normal law of the covariance V/p of x•, or of x• and x~ together.
    """
    from scipy import linalg

    n = len(system.drift)
    of_paths = system.drift.T @ np.linalg.inv(system.covariance) @ system.drift
    joint = system.joint()
    one_step = np.eye(len(joint.drift)) - joint.drift * dt
    settled = linalg.solve_discrete_lyapunov(one_step, joint.covariance * dt)
    same = np.tile(np.eye(n), (len(joint.drift) // n, 1))
    of_start = same.T @ np.linalg.inv(settled) @ same
    return np.asarray(np.linalg.inv(of_paths + of_start / time))


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
