"""EASGD with a centre that one agent at a time updates, against all at once, at equal communication."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Experiment
from sims.communication.asynchrony_claims import claims
from sims.communication.asynchrony_drawing import draw
from sims.communication.measuring import (
    LEAST,
    MOST,
    STEP_SIZE,
    Size,
    border_table,
    near_goal,
    on_parabola,
    on_wells,
    simulated_border,
    table,
)
from sims.shared import BEYOND, SOURCE
from sims.shared.configuration import ComparisonConfiguration
from sims.shared.linear import largest_stable
from theory.moments import Network, network

SETUP = (
    "EASGD in which p agents and the centre exchange α(x^i − x~), α = ηk, once in p steps each: all in "
    "the same step (synchronous), or agent after agent (asynchronous, Algorithm 1 of Zhang, "
    "Choromanska & LeCun 2015, with τ = p). Both communicate equally much. On a parabola the least α "
    "with growth is found by halving an interval, and mean squares in the long run are measured when a "
    "period ends; both are compared with the exact matrices of a period. On the rugged wells of "
    "`phase` the share of replicas is counted whose centre ends at the minimum."
)

FROM_PAPER = (
    "EASGD, synchronous and asynchronous (Zhang, Choromanska & LeCun 2015; Boffi & Slotine, Sec. 2.4)",
)

RECONSTRUCTED = (
    "every number: the paper has no asynchronous runs; agents take turns in a fixed order",
    "near = within ηW of the global minimum of the convolved loss",
)

KINDS = {"synchronous": False, "asynchronous": True}
"""Whether agents take turns."""


@dataclass(frozen=True, kw_only=True)
class AsynchronyConfiguration(ComparisonConfiguration):
    """How much is simulated; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    agents : tuple of int
        p where borders are searched.
    usual_agents : int
        p elsewhere.
    step_size : float
        η on the parabola.
    moving_rate : tuple of float
        α where both are stable, rising.
    moving_rate_on_wells : tuple of float
        α on the wells, rising; the synchronous centre takes those below its border.
    steps, forget, replicas : int
        Of a long run, the first steps of which are left out.
    steps_to_border, halvings : int
        Of the search for a border.
    replicas_on_wells, steps_on_wells : int
        Of a run on wells.
    band, band_of_mean, band_of_border : float
        The shares by which spreads, other mean squares and borders may differ from exact ones.
    """

    agents: tuple[int, ...]
    usual_agents: int = 8
    step_size: float = 0.1
    moving_rate: tuple[float, ...] = (0.05, 0.1, 0.2)
    moving_rate_on_wells: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
    steps: int
    forget: int = 600
    replicas: int
    steps_to_border: int
    halvings: int
    replicas_on_wells: int
    steps_on_wells: int
    band: float
    band_of_mean: float
    band_of_border: float


QUICK = AsynchronyConfiguration(
    agents=(2, 4, 8, 16),
    steps=3200,
    replicas=800,
    steps_to_border=3200,
    halvings=14,
    replicas_on_wells=500,
    steps_on_wells=6000,
    band=0.03,
    band_of_mean=0.06,
    band_of_border=0.002,
)

PAPER = AsynchronyConfiguration(
    agents=(2, 3, 4, 6, 8, 12, 16, 24, 32),
    moving_rate=(0.02, 0.05, 0.1, 0.15, 0.2),
    steps=16_000,
    replicas=4000,
    steps_to_border=24_000,
    halvings=20,
    replicas_on_wells=5000,
    steps_on_wells=24_000,
    band=0.005,
    band_of_mean=0.02,
    band_of_border=0.0005,
)


def simulate(configuration: AsynchronyConfiguration) -> xr.Dataset:
    """Search borders, measure long runs, and run on the wells."""
    given, p = configuration, configuration.usual_agents
    size = Size(p, given.step_size, given.steps, given.forget, given.replicas, given.seed)
    rows: list[dict[str, Any]] = []
    for kind, turns in KINDS.items():
        for rate in given.moving_rate:
            k = rate / given.step_size
            algorithm = so.EASGD(k, period=p, staggered=turns)
            found = on_parabola(size, algorithm, exact(p, k, given.step_size, turns), every=p)
            rows.append({"kind": kind, "moving_rate": rate, **found})
    borders, wells = _borders(given), _wells(given)
    bands = ("band", "band_of_mean", "band_of_border", "usual_agents")
    work = len(rows) * p * given.replicas * (given.steps + given.forget)
    work += len(KINDS) * given.halvings * given.steps_to_border * sum(given.agents)
    work += int(wells["taken"].sum()) * p * given.replicas_on_wells * given.steps_on_wells
    return (
        table(rows)
        .merge(borders)
        .merge(wells)
        .assign({name: getattr(given, name) for name in bands})
        .assign_attrs(agent_steps=work)
    )


def exact(agents: int, coupling: float, step_size: float, turns: bool) -> Network:
    """Return the iteration of all agents and the centre."""
    return network(
        coupling=coupling,
        step_size=step_size,
        agents=agents,
        period=agents,
        staggered=turns,
        quorum="filter",
    )


def exact_border(agents: int, step_size: float, turns: bool) -> float:
    """Return the least α with which the matrix of a period has an eigenvalue of modulus 1."""

    def stable(rate: float) -> bool:
        system = exact(agents, rate / step_size, step_size, turns)
        whole = np.eye(system.size)
        for step in range(agents):
            whole = system.mean_matrix(1.0, step) @ whole
        return bool(np.abs(np.linalg.eigvals(whole)).max() < 1.0)

    return largest_stable(stable, LEAST, MOST, 40)


def _borders(given: AsynchronyConfiguration) -> xr.Dataset:
    """Return simulated and exact borders of α over kind and p."""

    def both(turns: bool, p: int) -> tuple[float, float]:
        # whole periods between the states that are compared
        steps = given.steps_to_border // (2 * p) * 2 * p
        size = Size(p, given.step_size, steps, 0, 1, given.seed)
        algorithm = so.EASGD(1.0, period=p, staggered=turns)
        found = simulated_border(algorithm, size, given.halvings)
        return found, exact_border(p, given.step_size, turns)

    return border_table("matrix", ("border_kind", KINDS), ("agents", given.agents), both)


def _wells(given: AsynchronyConfiguration) -> xr.Dataset:
    """Return which replicas end at the minimum, for every kind and α below its border there."""
    p, rates = given.usual_agents, given.moving_rate_on_wells
    shape = (len(KINDS), len(rates))
    near = np.zeros((*shape, given.replicas_on_wells), bool)
    taken = np.zeros(shape, bool)
    for place, turns in enumerate(KINDS.values()):
        border = exact_border(p, STEP_SIZE, turns)
        for index, rate in enumerate(rates):
            if rate >= border:
                continue
            quorum, _ = on_wells(
                so.EASGD(rate / STEP_SIZE, period=p, staggered=turns),
                agents=p,
                replicas=given.replicas_on_wells,
                steps=given.steps_on_wells,
                seed=given.seed,
            )
            near[place, index], taken[place, index] = near_goal(quorum), True
    axes = ("well_kind", "well_rate")
    return xr.Dataset(
        {"near": ((*axes, "replica"), near), "taken": (axes, taken)},
        {"well_kind": list(KINDS), "well_rate": list(rates)},
    )


experiment = Experiment(
    name="asynchrony",
    title="A centre that agents update in turn bears a coupling that one updated by all at once cannot",
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
