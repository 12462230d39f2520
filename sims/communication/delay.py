"""Agents that receive late: the border of stability, and what a delay does to noise and speed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sdeopt.graphs import FixedGraph
from sims.communication.delay_claims import claims
from sims.communication.delay_drawing import draw
from sims.communication.measuring import Size, border_table, on_parabola, simulated_border, table
from sims.shared import BEYOND, SOURCE
from sims.shared.configuration import ComparisonConfiguration
from theory.moments import Network, coupling_border, network

SETUP = (
    "QSGD in which agents are pulled towards what the others were τ steps ago, on a parabola, where "
    "the part of the agents along an eigenvector of W with eigenvalue λ obeys x ← (1 − q − a) x + "
    "a λ x_{t−τ} + noise with q = ηh and a = ηk. Without noise the least a with growth is found by "
    "halving an interval and compared with the root of the characteristic polynomial that first "
    "reaches the unit circle. With noise, mean squares in the long run are compared with exact ones. "
    "In the last part every agent has a delay of its own, 0 to p − 1."
)

FROM_PAPER = ("QSGD, eq. (6), without delay",)

RECONSTRUCTED = ("delays, and every number: the paper has no delays",)

GRAPHS: dict[str, FixedGraph] = {"complete": so.graphs.Complete(), "ring": so.graphs.Ring()}


@dataclass(frozen=True, kw_only=True)
class DelayConfiguration(ComparisonConfiguration):
    """How much is simulated; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    agents : int
        p.
    step_size, coupling : float
        η and k in the long run.
    coupling_for_own_delays : float
        k where every agent has a delay of its own.
    delay : tuple of int
        τ, rising from 0.
    steps, forget, replicas : int
        Of a long run, the first steps of which are left out.
    steps_to_border, halvings : int
        Of the search for a border.
    band, band_of_mean, band_of_border : float
        The shares by which spreads, mean squares and borders may differ from exact ones.
    """

    MAY_BE_ZERO = ("delay",)

    agents: int = 8
    step_size: float = 0.1
    coupling: float = 2.0
    coupling_for_own_delays: float = 5.0
    delay: tuple[int, ...]
    steps: int
    forget: int = 400
    replicas: int
    steps_to_border: int
    halvings: int
    band: float
    band_of_mean: float
    band_of_border: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.delay[0] != 0 or list(self.delay) != sorted(set(self.delay)):
            raise InvalidArgumentError(
                f"delay is {self.delay}, but must begin with 0, with which the others are compared, "
                "and rise."
            )


QUICK = DelayConfiguration(
    delay=(0, 1, 2, 5, 10),
    steps=2000,
    replicas=1200,
    steps_to_border=3000,
    halvings=15,
    band=0.02,
    band_of_mean=0.06,
    band_of_border=0.002,
)

PAPER = DelayConfiguration(
    delay=(0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30),
    steps=10_000,
    replicas=4000,
    steps_to_border=20_000,
    halvings=20,
    band=0.005,
    band_of_mean=0.02,
    band_of_border=0.0005,
)


def simulate(configuration: DelayConfiguration) -> xr.Dataset:
    """Search borders, and measure long runs."""
    given = configuration
    size = Size(
        given.agents, given.step_size, given.steps, given.forget, given.replicas, given.seed
    )
    rows: list[dict[str, Any]] = []
    for name, graph in GRAPHS.items():
        for late in given.delay:
            algorithm = so.QSGD(given.coupling, graph=graph, delay=late)
            found = on_parabola(size, algorithm, exact(given, graph, late))
            rows.append({"graph": name, "delay": late, **found})
    own = _own_delays(given)
    result = table(rows).merge(_borders(given)).merge(own)
    bands = ("band", "band_of_mean", "band_of_border", "agents", "steps", "step_size", "coupling")
    runs = (len(rows) + 2) * size.replicas * (size.steps + size.forget)
    searches = result["border"].size * given.halvings * given.steps_to_border
    return result.assign({name: getattr(given, name) for name in bands}).assign_attrs(
        agent_steps=given.agents * (runs + searches)
    )


def exact(given: DelayConfiguration, graph: FixedGraph, delay: Any) -> Network:
    """Return the iteration of all agents."""
    weights = graph.weights(given.agents)
    return network(coupling=given.coupling, step_size=given.step_size, weights=weights, delay=delay)


def _borders(given: DelayConfiguration) -> xr.Dataset:
    """Return simulated and exact borders of a = ηk over graph and delay."""
    size = Size(given.agents, given.step_size, given.steps_to_border, 0, 1, given.seed)

    def both(graph: FixedGraph, late: int) -> tuple[float, float]:
        spectrum = np.linalg.eigvalsh(graph.weights(given.agents).toarray())
        # its exact value, so that the mean does not seem to be coupled where there is no delay
        spectrum[-1] = 1.0
        found = simulated_border(so.QSGD(1.0, graph=graph, delay=late), size, given.halvings)
        return found, coupling_border(spectrum, given.step_size, late)

    return border_table("polynomial", ("border_graph", GRAPHS), ("late", given.delay), both)


def _own_delays(given: DelayConfiguration) -> xr.Dataset:
    """Return the long run of agents with delays of their own, and with their mean delay."""
    size = Size(
        given.agents, given.step_size, given.steps, given.forget, given.replicas, given.seed
    )
    each = list(range(given.agents))
    rows = [
        on_parabola(
            size,
            so.QSGD(given.coupling_for_own_delays, delay=late),
            network(
                coupling=given.coupling_for_own_delays,
                step_size=given.step_size,
                agents=given.agents,
                delay=late,
            ),
        )
        for late in (given.agents // 2, each)
    ]
    return xr.Dataset({f"own_{name}": ("delays", [row[name] for row in rows]) for name in rows[0]})


experiment = Experiment(
    name="delay",
    title="A delay halves the coupling that agents bear, and takes more speed than noise from the mean",
    source=f"{SOURCE}, Sec. 2.4; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
