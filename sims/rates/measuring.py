"""How fast agents approach each other: flows without noise, and spreads that settle under noise."""

import itertools
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
import theory
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.experiments.measured import Measured
from sims.shared.families import family
from sims.shared.setting import FLOW_PULL
from sims.shared.stationary import forgetting_time

DIM = 2
FLOW_AGENTS, NOISY_AGENTS, UNEVEN_AGENTS = 6, 8, 4
"""p of the flows without noise, under noise, and where steps scale drifts."""

FLOW_TIMES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Times at which distances are measured, in units of 1/(proved rate)."""

NOISY_TIMES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 4.0)
"""Times at which the spread under noise is measured, in units of 1/(k − λ̄)."""

NOISY_RATE_DT = 0.05
"""(fastest rate)·dt under noise: the scheme then has variances off by 0.1% at most."""

UNEVEN_COUPLING = 0.005
"""ηk, with η = 1, where steps scale drifts: so small that what finite steps add is below 1%."""

FAR = 20.0
"""The spread under noise at the start, as a multiple of the bound that it settles below."""

FLATTEST = {"log-cosh": 10.0, "double well": 0.0}
"""Where the curvature of a loss is least, as every coordinate: there rates are the smallest."""

STARTS = {"wide": 2.0, "flattest": 1e-3}
"""Standard deviations of the starts about the origin, and about the flattest point."""

Array = NDArray[np.float64]


def gain(x: Array, t: float) -> float:
    """Return the gain of an agent at x, as a multiple of k: 1 at the least."""
    return float(1.0 + 2.0 * x[0] * x[0] / (1.0 + x[0] * x[0]))


@dataclass(frozen=True)
class Flow:
    """A method without noise on a loss, from some start."""

    method: str
    family: str
    start: str
    coupling: float
    damping: float = 0.0
    velocity_coupling: float = 0.0

    def proved(self) -> float:
        """Return the proved rate."""
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
        return float(result.bound(coupling=self.coupling, negative_curvature=law.curvature))

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
        apart = self.coupling * (1 + FLOW_AGENTS if self.method == "EASGD" else 3)
        fastest = apart + self.damping + self.velocity_coupling + family(self.family, DIM).fastest
        return FLOW_PULL / fastest


def slowest(flow: Flow, replicas: int, seed: int) -> tuple[dict[str, Any], Array, int]:
    """Simulate, and return the pair of agents that approaches slowest, at all times and by its rate."""
    proved, dt = flow.proved(), flow.dt()
    steps = np.maximum(1, np.rint(np.array(FLOW_TIMES) / proved / dt).astype(int))
    points, work = _points(flow, [0, *steps.tolist()], dt, replicas, seed)
    pairs = np.array(list(itertools.combinations(range(FLOW_AGENTS), 2)))
    distances = np.linalg.norm(points[:, :, pairs[:, 0]] - points[:, :, pairs[:, 1]], axis=-1)
    share = (distances[1:] / distances[0]).max(axis=(1, 2))
    # A distance that rounding has made 0 has an infinite rate, which is not the least.
    with np.errstate(divide="ignore"):
        rates = -np.log(share) / (steps * dt)
    row = asdict(flow) | {"proved": proved, "measured": rates.min(), "early": rates[0]}
    return row, share, work


def _points(flow: Flow, steps: list[int], dt: float, replicas: int, seed: int) -> tuple[Array, int]:
    """Return the states (step, replica, agent, coordinate), with momentum velocities as well."""
    names = ("agents", "velocities") if flow.method == "momentum" else ("agents",)
    run = so.simulate(
        family(flow.family, DIM).loss,
        flow.algorithm(),
        steps=steps[-1],
        step_size=1.0,
        start=so.start.Gaussian(
            0.0 if flow.start == "wide" else FLATTEST[flow.family], STARTS[flow.start]
        ),
        agents=FLOW_AGENTS,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt, "strong_order_1.5"),
        record=so.record.At(steps, names),
        progress=False,
    )
    parts = [run[name].transpose("step", "replica", "agent", "dim").values for name in names]
    return np.concatenate(parts, axis=-1), steps[-1] * FLOW_AGENTS * replicas


@dataclass(frozen=True)
class Relaxation:
    """Agents with noise of different strengths that start farther apart than they settle."""

    family: str
    coupling: float
    state_dependent: bool = False

    def rates(self) -> Array:
        """Return the learning rates ηᵢ: of mean 0.1, the largest fifteen times the least."""
        return 0.2 * (2 * np.arange(NOISY_AGENTS) + 1) / (2 * NOISY_AGENTS)

    def level(self) -> float:
        """Return the bound that the spread settles below, with the mean learning rate."""
        law = family(self.family, DIM)
        # Lemma 5.4 has the same limit as Sec. 3.4
        return float(
            theory.load("section_3_4").evaluate(
                "spread",
                agents=NOISY_AGENTS,
                coupling=self.coupling,
                negative_curvature=law.curvature,
                noise_bound=law.noise_bound,
                step_size=self.rates().mean(),
                batch_size=1,
            )
        )


def relax(what: Relaxation, replicas: int, seed: int) -> tuple[list[dict[str, Any]], int]:
    """Simulate, and measure the spread and the mean at `NOISY_TIMES`."""
    law, level, etas = family(what.family, DIM), what.level(), what.rates()
    rate = what.coupling - law.curvature
    dt = NOISY_RATE_DT / (3 * what.coupling + law.fastest)
    steps = np.rint(np.array(NOISY_TIMES) / rate / dt).astype(int)
    variance = FAR * level / ((NOISY_AGENTS - 1) * DIM)
    k = what.coupling
    run = so.simulate(
        law.loss,
        so.StateDependentQSGD(k, gain) if what.state_dependent else so.QSGD(k),
        steps=int(steps[-1]),
        step_size=etas,
        start=so.start.Gaussian(0.0, float(np.sqrt(variance))),
        noise=law.noise,
        agents=NOISY_AGENTS,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt, "strong_order_1.5"),
        record=so.record.At(steps.tolist(), ("agents",)),
        progress=False,
    )
    agents = run["agents"].transpose("step", "agent", "replica", "dim").values
    mean = agents.mean(axis=1)
    spread = Measured.of(((agents - mean[:, None]) ** 2).sum(axis=(1, 3)))
    square = Measured.of((mean**2).sum(axis=-1))
    left = np.exp(-2 * rate * steps * dt)
    # E‖x•‖² of dx• = −x• dt + (1/p) Σ √ηᵢ dWⁱ
    settled = DIM * etas.sum() / (2 * NOISY_AGENTS**2)
    forgotten = np.exp(-2 * steps * dt)
    exact = settled + (DIM * variance / NOISY_AGENTS - settled) * forgotten
    rows = [
        {
            "family": what.family,
            "state_dependent": what.state_dependent,
            "time": NOISY_TIMES[number],
            "bound": level + (FAR - 1) * level * left[number],
            "level": level,
            "mean_exact": exact[number] if what.family == "round quadratic" else np.nan,
            "spread": spread.value[number],
            "spread_error": spread.error[number],
            "mean": square.value[number],
            "mean_error": square.error[number],
            "replicas": float(replicas),
        }
        for number in range(len(NOISY_TIMES))
    ]
    return rows, int(steps[-1]) * NOISY_AGENTS * replicas


def uneven(theta: float, replicas: int, seed: int) -> tuple[dict[str, Any], Measured, int]:
    """Measure the spread where steps of the agents' own scale drift and coupling, on a flat loss."""
    p = UNEVEN_AGENTS
    etas = np.full(p, 1 - theta)
    etas[0] += p * theta
    rate = UNEVEN_COUPLING * (1 - theta)
    early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=2 * rate)))
    window = int(np.ceil(20 / rate))
    # η = 1; a loss that is flat but for what its class demands
    run = so.simulate(
        so.losses.Quadratic(1e-9),
        so.QSGD(UNEVEN_COUPLING),
        steps=early + window,
        step_size=etas,
        start=so.start.Gaussian(0.0, float(np.sqrt(1 / (2 * UNEVEN_COUPLING)))),
        noise=so.noise.Gaussian(1.0),
        agents=p,
        replicas=replicas,
        seed=seed,
        record=so.record.At([early, early + window], ("mean",)),
        statistics=["synchronization"],
        statistics_every=20,
        progress=False,
    )
    shared = {
        "agents": p, "coupling": UNEVEN_COUPLING, "noise_bound": 1.0, "step_size": 1.0, "batch_size": 1,
    }  # fmt: skip
    plain = float(theory.load("lemma_3_1").bound(negative_curvature=0.0, **shared))
    limit = plain
    if theta > 0:
        limit = float(theory.load("section_3_4_uneven").bound(unevenness=theta, **shared))
    found = Measured.of(run["synchronization"].values[-1] / plain)
    row = {"theta": theta, "expected": limit / plain}
    return row, found, (early + window) * p * replicas
