"""QSGD and EASGD whose coupling depends on state and time, on strongly convex losses (Secs 5.1, 5.2).

The signal z is x• for QSGD and x~ for EASGD. One coupling depends on both, k(z, t), and stays between
two values; another rises in time, from small to large. Beside the agents a single one is moved, with
its own x~, by their average noise and the same k: it differs from x• by the distortion alone, so that
the first term of Theorems 5.1 and 5.2 bounds their distance, and the second that of the single one.

The engine knows couplings that depend on time, and gains of each agent's own; a k that all agents
share and that depends on the signal is simulated here, by Euler-Maruyama. Its steps make squares of
the mean and of differences of agents too large, by `TOO_LARGE` at most: against the bounds.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr

import theory
from sdeopt.experiments.measured import Measured
from sims.shared.families import Family, family
from sims.shared.grids import as_part, with_numbers
from sims.shared.measures import Array

AGENTS, STEP_SIZE = 64, 2.0
"""p and η: with much noise and many agents the distortion shows beside the noise of the mean."""

LEAST, MOST, LATE = 0.3, 3.0, 8.0
"""Between the first two k(z, t) stays; from the first to the last k(t) rises."""

SCALE = 0.2
"""The length over which k depends on the signal."""

RISE = (7.0, 8.5)
"""From when to when k(t) rises, in units of 1/l."""

STAGES: dict[str, dict[str, tuple[float, float]]] = {
    "wandering": {"throughout": (4.0, 7.0)},
    "rising": {"before": (5.0, 7.0), "after": (11.0, 12.5)},
}
"""When each coupling is measured, in units of 1/l. All start at the minimizer."""

PULL, JOINT_PULL = 0.05, 0.5
"""Largest rate of differences times dt, and of mean and x~ together."""

TOO_LARGE = 1 / (1 - PULL / 2)
"""By what factor time steps can make squares too large."""

EVERY = 5
"""Steps between two observations."""

COLUMNS = ("distance", "mean", "square", "apart", "spread")
"""What is observed: E‖(x•, x~)‖ or E‖x•‖, E‖x•‖, E‖x•‖², from the single agent, and Lemma 3.1's."""

Coupling = Callable[[Array, float], Array]


def wandering(signal: Array, time: float) -> Array:
    """Return a coupling that depends on the signal and on time, from `LEAST` to `MOST`."""
    squared = (signal / SCALE) ** 2
    grown: Array = (1 + 4 * squared / (1 + squared)) * (1 + np.sin(2 * time) ** 2)
    return LEAST * grown


def rising(signal: Array, time: float) -> Array:
    """Return a coupling that rises in time, from `LEAST` to `LATE`."""
    done = np.clip((time - RISE[0]) / (RISE[1] - RISE[0]), 0.0, 1.0)
    return np.full_like(signal, LEAST + (LATE - LEAST) * done)


COUPLINGS: dict[str, Coupling] = {"wandering": wandering, "rising": rising}


@dataclass(frozen=True)
class Varying:
    """A method with one of the couplings, on a loss of one dimension."""

    method: str
    kind: str
    family: str

    def law(self) -> Family:
        """Return the loss and its noise."""
        return family(self.family, 1)

    def dt(self, time: float) -> float:
        """Return the time step."""
        now = float(COUPLINGS[self.kind](np.zeros(1), time)[0])
        most = MOST if self.kind == "wandering" else now
        single = PULL / (most + self.law().fastest)
        if self.method == "QSGD":
            return single
        return min(single, JOINT_PULL / (most * (1 + AGENTS) + self.law().fastest))

    def bounds(self, stage: str) -> dict[str, float]:
        """Return the bounds with the least k of a stage, and (22) with the largest."""
        least = LATE if stage == "after" else LEAST
        shared = {
            "agents": AGENTS,
            "step_size": STEP_SIZE,
            "batch_size": 1,
            "noise_bound": self.law().noise_bound,
        }
        bend = self.law().loss.constants.gradient_curvature
        assert bend is not None
        curved = {"strong_convexity": 1.0, "gradient_curvature": bend, "dimension": 1}
        noise = theory.load("sgd_convergence").bound(
            strong_convexity=1.0,
            noise_bound=shared["noise_bound"],
            step_size=STEP_SIZE,
            batch_size=AGENTS,
        )
        # λ_E rises with k, so the least k has the largest bound of Theorem 5.2 too.
        given = {"coupling": least, **curved, **shared}
        if self.method == "QSGD":
            bound = theory.load("theorem_5_1").bound(**given)
        else:
            bound = theory.load("theorem_5_2").evaluate("distance", **given)
        spread = theory.load("lemma_3_1")
        found = {
            "bound": bound,
            "noise_term": noise,
            "spread_bound": spread.bound(coupling=least, negative_curvature=-1.0, **shared),
            "spread_at_most": spread.bound(coupling=MOST, negative_curvature=-1.0, **shared),
        }
        return {name: float(value) for name, value in found.items()}


@dataclass(frozen=True, eq=False)
class Observed:
    """What was observed, in time: distances and spread of every replica."""

    times: Array
    found: dict[str, Array]

    def between(self, start: float, end: float) -> dict[str, Measured]:
        """Return the averages over a stretch of time."""
        inside = (self.times >= start) & (self.times < end)
        return {name: Measured.of(all_[inside].mean(axis=0)) for name, all_ in self.found.items()}


def simulate(what: Varying, replicas: int, seed: int) -> tuple[Observed, int]:
    """Simulate agents, x~ and the single agent from the minimizer on; return the path and the work."""
    gradient, coupling = what.law().loss.gradient, COUPLINGS[what.kind]
    lagging = what.method == "EASGD"
    random = np.random.default_rng(seed)
    x = np.zeros((replicas, AGENTS, 1))
    # columns: the mean and x~, then the single agent and its x~
    signal, alone, own = (np.zeros((replicas, 1, 1)) for _ in range(3))
    end = max(end for _, end in STAGES[what.kind].values())
    time, step = 0.0, 0
    times: list[float] = []
    found: dict[str, list[Array]] = {name: [] for name in COLUMNS}
    while time < end:
        dt = what.dt(time)
        mean = x.mean(axis=1, keepdims=True)
        if not lagging:
            signal, own = mean, alone
        k = coupling(signal, time)
        noise = random.normal(0.0, np.sqrt(STEP_SIZE * dt), x.shape)
        pull = k * (own - alone) - gradient(alone)
        x = x + (k * (signal - x) - gradient(x)) * dt + noise
        if lagging:
            signal = signal + k * AGENTS * (mean - signal) * dt
            own = own + k * AGENTS * (alone - own) * dt
        alone = alone + pull * dt + noise.mean(axis=1, keepdims=True)
        time, step = time + dt, step + 1
        if step % EVERY == 0:
            mean = x.mean(axis=1, keepdims=True)
            state = np.concatenate([mean, signal] if lagging else [mean], axis=1)[..., 0]
            single = np.concatenate([alone, own] if lagging else [alone], axis=1)[..., 0]
            times.append(time)
            found["distance"].append(np.linalg.norm(state, axis=1))
            found["mean"].append(np.abs(mean[:, 0, 0]))
            found["square"].append(mean[:, 0, 0] ** 2)
            found["apart"].append(np.linalg.norm(state - single, axis=1))
            found["spread"].append(((x - mean) ** 2).sum(axis=(1, 2)))
    work = step * AGENTS * replicas
    return Observed(np.array(times), {name: np.array(all_) for name, all_ in found.items()}), work


RUNS = (
    *(
        Varying(method, "wandering", loss)
        for method in ("QSGD", "EASGD")
        for loss in ("round quadratic", "slanted")
    ),
    *(Varying(method, "rising", "slanted") for method in ("QSGD", "EASGD")),
)
"""All that is simulated: f = ½x², and a loss with the third derivative Q at the minimizer."""

STRETCH = 0.5
"""Length of the stretches of time that are averaged for the picture of rising k."""


def measure(replicas: int, seed: int) -> xr.Dataset:
    """Return a table of all stages, and of distances in time under rising k."""
    rows, drawn, work = [], [], 0
    for number, what in enumerate(RUNS):
        # Noise of its own for every run, so that errors are independent.
        path, steps = simulate(what, replicas, seed + number)
        work += steps
        for stage, (start, end) in STAGES[what.kind].items():
            row = {**asdict(what), "stage": stage, **what.bounds(stage)}
            rows.append({**row, **_columns(path.between(start, end))})
        if what.kind == "rising":
            for start in np.arange(STRETCH, STAGES["rising"]["after"][1], STRETCH):
                middle = start + STRETCH / 2
                k = float(rising(np.zeros(1), middle)[0])
                row = {"method": what.method, "time": middle, "coupling": k}
                drawn.append({**row, **_columns(path.between(start, start + STRETCH))})
    return (
        as_part(with_numbers(xr.Dataset(), rows), "convex")
        .merge(as_part(with_numbers(xr.Dataset(), drawn), "rising"))
        .assign_attrs(agent_steps=work)
    )


def _columns(found: dict[str, Measured]) -> dict[str, float]:
    """Return columns that `Measured.read` takes."""
    table: dict[str, float] = {}
    for name, one in found.items():
        table |= {name: float(one.value), f"{name}_error": float(one.error)}
        table["replicas"] = float(one.replicas)
    return table
