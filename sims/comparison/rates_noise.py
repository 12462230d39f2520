"""Learning rates and gains of the agents' own, under noise: how fast the spread settles."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
import theory
from sdeopt.measured import Measured
from sims.comparison.families import family
from sims.comparison.rates_flows import gain
from sims.comparison.transients import forgetting_time

__all__ = ["TIMES", "Relaxation", "relax", "uneven"]

AGENTS, DIM = 8, 2

TIMES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 4.0)
"""When the spread is looked at, in units of 1/(k − λ̄)."""

FAR = 20.0
"""The spread at the start, as a multiple of the bound it settles below."""

PULL = 0.05
"""(fastest rate)·dt: the scheme then has variances off by 0.1% at most."""

UNEVEN_AGENTS, UNEVEN_PULL = 4, 0.005
"""p and ηk where steps scale drifts: so small that what finite steps add is below 1%."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Relaxation:
    """Agents with noise of different strengths that start too far apart.

    Parameters
    ----------
    family : str
        One of `sims.comparison.families.FAMILIES`.
    coupling : float
        k, or the least gain.
    state_dependent : bool
        Whether gains depend on the state.
    """

    family: str
    coupling: float
    state_dependent: bool = False

    def rates(self) -> Array:
        """Return the learning rates ηᵢ: of mean 0.1, the largest fifteen times the least."""
        return 0.2 * (2 * np.arange(AGENTS) + 1) / (2 * AGENTS)

    def level(self) -> float:
        """Return the bound that the spread settles below, with the mean learning rate.

        Examples
        --------
        >>> from sims.comparison.rates_noise import Relaxation
        >>> round(Relaxation("round quadratic", coupling=1.0).level(), 12)
        0.35
        """
        law = family(self.family, DIM)
        # Lemma 5.4 has the same limit as Sec. 3.4
        return float(
            theory.load("section_3_4").evaluate(
                "spread",
                agents=AGENTS,
                coupling=self.coupling,
                curvature=law.curvature,
                noise_bound=law.noise_bound,
                step_size=self.rates().mean(),
                batch_size=1,
            )
        )


def relax(what: Relaxation, replicas: int, seed: int) -> tuple[list[dict[str, Any]], int]:
    """Simulate, and measure the spread and the mean at `TIMES`.

    Parameters
    ----------
    what : Relaxation
        What is simulated.
    replicas, seed : int
        How many copies, and their seed.

    Returns
    -------
    rows : list of dict
        One for each time: ``time``, in units of 1/rate; ``spread``, E Σ‖xⁱ − x•‖², and ``mean``,
        E‖x•‖², with their errors; ``bound``, level + (start − level) e^{−2(k − λ̄)t}, and
        ``mean_exact``, on f = ½‖x‖².
    work : int
        Steps × agents × replicas.
    """
    law, level, etas = family(what.family, DIM), what.level(), what.rates()
    rate = what.coupling - law.curvature
    dt = PULL / (3 * what.coupling + law.fastest)
    steps = np.rint(np.array(TIMES) / rate / dt).astype(int)
    variance = FAR * level / ((AGENTS - 1) * DIM)
    k = what.coupling
    run = so.simulate(
        law.loss,
        so.StateDependentQSGD(k, gain) if what.state_dependent else so.QSGD(k),
        steps=int(steps[-1]),
        step_size=etas,
        start=so.start.Gaussian(0.0, float(np.sqrt(variance))),
        noise=law.noise,
        agents=AGENTS,
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
    settled = DIM * etas.sum() / (2 * AGENTS**2)
    forgotten = np.exp(-2 * steps * dt)
    exact = settled + (DIM * variance / AGENTS - settled) * forgotten
    rows = [
        {
            "family": what.family,
            "state_dependent": what.state_dependent,
            "time": TIMES[look],
            "bound": level + (FAR - 1) * level * left[look],
            "level": level,
            "mean_exact": exact[look] if what.family == "round quadratic" else np.nan,
            "spread": spread.value[look],
            "spread_error": spread.error[look],
            "mean": square.value[look],
            "mean_error": square.error[look],
            "replicas": float(replicas),
        }
        for look in range(len(TIMES))
    ]
    return rows, int(steps[-1]) * AGENTS * replicas


def uneven(theta: float, replicas: int, seed: int) -> tuple[dict[str, Any], Measured, int]:
    """Measure the spread where steps of the agents' own scale drift and coupling, on a flat loss.

    Parameters
    ----------
    theta : float
        One agent has the learning rate η (1 + (p − 1) θ), the others have η (1 − θ).
    replicas, seed : int
        How many copies, and their seed.

    Returns
    -------
    row : dict
        ``theta``, and ``expected``, the factor against (22) with the mean learning rate.
    found : Measured
        That factor.
    work : int
        Steps × agents × replicas.
    """
    p = UNEVEN_AGENTS
    etas = np.full(p, 1 - theta)
    etas[0] += p * theta
    rate = UNEVEN_PULL * (1 - theta)
    early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=2 * rate)))
    window = int(np.ceil(20 / rate))
    # η = 1; a loss that is flat but for what its class demands
    run = so.simulate(
        so.losses.Quadratic(1e-9),
        so.QSGD(UNEVEN_PULL),
        steps=early + window,
        step_size=etas,
        start=so.start.Gaussian(0.0, float(np.sqrt(1 / (2 * UNEVEN_PULL)))),
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
        "agents": p, "coupling": UNEVEN_PULL, "noise_bound": 1.0, "step_size": 1.0, "batch_size": 1,
    }  # fmt: skip
    plain = float(theory.load("lemma_3_1").bound(curvature=0.0, **shared))
    limit = plain
    if theta > 0:
        limit = float(theory.load("section_3_4_uneven").bound(unevenness=theta, **shared))
    found = Measured.of(run["synchronization"].values[-1] / plain)
    row = {"theta": theta, "expected": limit / plain}
    return row, found, (early + window) * p * replicas
