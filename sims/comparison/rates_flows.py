"""Flows without noise: how fast agents approach each other at least, beside what is proved."""

import itertools
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
import theory
from sdeopt.algorithms.algorithm import Algorithm
from sims.comparison.families import family

__all__ = ["LOOKS", "Flow", "gain", "slowest"]

AGENTS, DIM = 6, 2

LOOKS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Times at which distances are looked at, in units of 1/(proved rate)."""

FINENESS = 0.02
"""(fastest rate)·dt. The scheme, of order 2 without noise, then has rates off by less than 1e-4."""

FLATTEST = {"log-cosh": 10.0, "double well": 0.0}
"""Where the curvature of a loss is least, as every coordinate: there rates are the smallest."""

STARTS = {"wide": 2.0, "flattest": 1e-3}
"""Standard deviations of the starts about the origin, and about the flattest point."""

Array = NDArray[np.float64]


def gain(x: Array, t: float) -> float:
    """Return what an agent at x is heard with, as a multiple of k: 1 at the least."""
    return float(1.0 + 2.0 * x[0] * x[0] / (1.0 + x[0] * x[0]))


@dataclass(frozen=True)
class Flow:
    """A method without noise on a loss, from some start.

    Parameters
    ----------
    method : {"QSGD", "EASGD", "state-dependent", "momentum"}
        What couples the agents.
    family : str
        One of `sims.comparison.families.FAMILIES`.
    start : str
        One of `STARTS`.
    coupling : float
        k, or k₁ with momentum; the least gain where gains depend on the state.
    damping, velocity_coupling : float
        μ and k₂, with momentum.
    """

    method: str
    family: str
    start: str
    coupling: float
    damping: float = 0.0
    velocity_coupling: float = 0.0

    def proved(self) -> float:
        """Return the proved rate.

        Examples
        --------
        >>> from sims.comparison.rates_flows import Flow
        >>> Flow("QSGD", "double well", "wide", coupling=3.0).proved()
        2.0
        """
        law = family(self.family, DIM)
        if self.method == "momentum":
            return float(
                theory.load("lemma_3_2").bound(
                    coupling=self.coupling,
                    damping=self.damping,
                    velocity_coupling=self.velocity_coupling,
                    strong_convexity=-law.curvature,
                    # the largest curvature of a convex family anywhere
                    smoothness=law.fastest,
                )
            )
        result = theory.load("lemma_5_4" if self.method == "state-dependent" else "theorem_3_1")
        return float(result.bound(coupling=self.coupling, curvature=law.curvature))

    def algorithm(self) -> Algorithm:
        """Return the method."""
        k = self.coupling
        if self.method == "momentum":
            return so.ContinuousMomentum(k, self.damping, self.velocity_coupling)
        if self.method == "state-dependent":
            return so.StateDependentQSGD(k, gain)
        return so.EASGD(k) if self.method == "EASGD" else so.QSGD(k)

    def dt(self) -> float:
        """Return the time step."""
        pull = self.coupling * (1 + AGENTS if self.method == "EASGD" else 3)
        fastest = pull + self.damping + self.velocity_coupling + family(self.family, DIM).fastest
        return FINENESS / fastest


def slowest(flow: Flow, replicas: int, seed: int) -> tuple[dict[str, Any], Array, int]:
    """Simulate, and look at the pair of agents that approaches slowest.

    Parameters
    ----------
    flow : Flow
        What is simulated.
    replicas, seed : int
        How many starts, and their seed.

    Returns
    -------
    row : dict
        The fields of the flow, ``proved``, and ``measured``: the least −log(d(t)/d(0))/t over
        starts, pairs and times t, d the distance, with momentum of positions and velocities
        together; ``early``, the same at the first time alone.
    share : numpy.ndarray
        The largest d(t)/d(0) at each of `LOOKS`.
    work : int
        Steps × agents × replicas.

    Examples
    --------
    >>> from sims.comparison.rates_flows import Flow, slowest
    >>> row, share, _ = slowest(Flow("QSGD", "log-cosh", "wide", coupling=1.0), replicas=2, seed=1)
    >>> bool(row["measured"] > row["proved"] == 2.0)
    True
    """
    proved, dt = flow.proved(), flow.dt()
    steps = np.maximum(1, np.rint(np.array(LOOKS) / proved / dt).astype(int))
    points, work = _points(flow, [0, *steps.tolist()], dt, replicas, seed)
    pairs = np.array(list(itertools.combinations(range(AGENTS), 2)))
    distances = np.linalg.norm(points[:, :, pairs[:, 0]] - points[:, :, pairs[:, 1]], axis=-1)
    share = (distances[1:] / distances[0]).max(axis=(1, 2))
    # A distance that rounding has made 0 has an infinite rate, which is not the least.
    with np.errstate(divide="ignore"):
        rates = -np.log(share) / (steps * dt)
    row = asdict(flow) | {"proved": proved, "measured": rates.min(), "early": rates[0]}
    return row, share, work


def _points(flow: Flow, looks: list[int], dt: float, replicas: int, seed: int) -> tuple[Array, int]:
    """Return the states (look, replica, agent, coordinate), with momentum velocities as well."""
    center = 0.0 if flow.start == "wide" else FLATTEST[flow.family]

    def run(steps: int, record: so.record.Record) -> xr.Dataset:
        return so.simulate(
            family(flow.family, DIM).loss,
            flow.algorithm(),
            steps=steps,
            step_size=1.0,
            start=so.start.Gaussian(center, STARTS[flow.start]),
            agents=AGENTS,
            replicas=replicas,
            seed=seed,
            clock=so.clock.SDE(dt, "strong_order_1.5"),
            record=record,
            progress=False,
        )

    if flow.method != "momentum":
        found = run(looks[-1], so.record.At(looks, ("agents",)))
        points = found["agents"].transpose("step", "replica", "agent", "dim").values
        return np.asarray(points), looks[-1] * AGENTS * replicas
    # Velocities are known at the end of a run only, so every look is a run; they start at 0.
    parts: list[Array] = []
    for steps in looks[1:]:
        found = run(steps, so.record.At([0, steps], ("agents",)))
        place = found["agents"].transpose("step", "replica", "agent", "dim").values
        velocity = found["velocities"].transpose("replica", "agent", "dim").values
        if not parts:
            parts.append(np.concatenate([place[0], np.zeros_like(velocity)], axis=-1))
        parts.append(np.concatenate([place[1], velocity], axis=-1))
    return np.array(parts), sum(looks) * AGENTS * replicas
