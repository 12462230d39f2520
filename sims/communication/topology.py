"""Graphs of agents: how far they spread, and how strongly to couple them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sdeopt.graphs import AgentGraph, FixedGraph, Matchings
from sims.communication.measuring import CURVATURE, Size, near_goal, on_parabola, on_wells, table
from sims.communication.topology_claims import claims
from sims.communication.topology_drawing import draw
from sims.shared import BEYOND, SOURCE
from sims.shared.configuration import ComparisonConfiguration
from theory.moments import Network, long_run, mode_variance, network

SETUP = (
    "QSGD in which agent i is pulled towards (Wx)_i, the weighted mean of those it receives from in a"
    " graph of 16 agents. On a parabola with Gaussian noise the spread in the long run is compared "
    "with its exact value, on graphs with symmetric weights the sum over the eigenvalues of the "
    "Laplacian 1 − W. On the rugged wells of `phase` every graph is run over a grid of couplings; "
    "then once more with the coupling that gives it the spread that the best coupling of the complete"
    " graph has, read off the grid, with fresh noise."
)

FROM_PAPER = (
    "QSGD, eq. (6), on the complete graph; the robust wells are reconstructed, see `phase`",
)

RECONSTRUCTED = (
    "graphs other than the complete one, and every number: the paper couples all agents to all",
    "near = within ηW of the global minimum of the convolved loss",
)

SQUARE = 4
"""Agents stand on a square of this side, so that there is a torus, and two graphs with one spectrum."""


def _with_shifts(shifts: tuple[tuple[int, int], ...]) -> FixedGraph:
    """Return the graph on the square with joined borders whose neighbours differ by these shifts."""
    size = SQUARE * SQUARE
    weights = np.eye(size)
    for i in range(size):
        for down, right in shifts:
            row, column = (i // SQUARE + down) % SQUARE, (i % SQUARE + right) % SQUARE
            weights[i, row * SQUARE + column] = 1.0
    return so.graphs.Weights(weights / weights.sum(axis=1, keepdims=True))


ROOK = _with_shifts(tuple((0, s) for s in (1, 2, 3)) + tuple((s, 0) for s in (1, 2, 3)))
SHRIKHANDE = _with_shifts(((0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)))
"""Two graphs that differ, with six neighbours each and the same eigenvalues."""

GRAPHS: dict[str, AgentGraph] = {
    "complete": so.graphs.Complete(),
    "rook": ROOK,
    "Shrikhande": SHRIKHANDE,
    "torus": so.graphs.Torus(),
    "random regular": so.graphs.RandomRegular(3, seed=1),
    "ring": so.graphs.Ring(),
    "star, equal": so.graphs.Star("metropolis"),
    "star, hub": so.graphs.Star(),
    "pairs": so.graphs.Matchings(),
}

ON_WELLS = ("complete", "torus", "ring", "star, equal", "pairs")


@dataclass(frozen=True, kw_only=True)
class TopologyConfiguration(ComparisonConfiguration):
    """How much is simulated; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    coupling : tuple of float
        k on the parabola.
    step_size : float
        η there.
    steps, forget, replicas : int
        Of a run there, the first of which are left out.
    coupling_on_wells : tuple of float
        The grid, rising.
    replicas_on_grid, replicas_on_wells, steps_on_wells : int
        Of the runs on wells.
    band, band_of_mean, band_on_wells : float
        By how much spreads and mean squares may differ from exact ones, and shares from each other.
    """

    coupling: tuple[float, ...] = (2.0, 8.0)
    step_size: float = 0.1
    steps: int = 1500
    forget: int = 200
    replicas: int
    coupling_on_wells: tuple[float, ...] = (
        1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0, 22.0, 32.0, 38.0,
    )  # fmt: skip
    replicas_on_grid: int
    replicas_on_wells: int
    steps_on_wells: int = 3000
    band: float
    band_of_mean: float
    band_on_wells: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if list(self.coupling_on_wells) != sorted(set(self.coupling_on_wells)):
            raise InvalidArgumentError(
                f"coupling_on_wells is {self.coupling_on_wells}, but must rise."
            )


QUICK = TopologyConfiguration(
    replicas=250,
    replicas_on_grid=60,
    replicas_on_wells=500,
    band=0.02,
    band_of_mean=0.12,
    band_on_wells=0.15,
)

PAPER = TopologyConfiguration(
    coupling=(1.0, 2.0, 4.0, 8.0),
    steps=10_000,
    replicas=1000,
    replicas_on_grid=1000,
    replicas_on_wells=10_000,
    steps_on_wells=6000,
    band=0.005,
    band_of_mean=0.03,
    band_on_wells=0.1,
)


def simulate(configuration: TopologyConfiguration) -> xr.Dataset:
    """Measure spreads on the parabola, and search couplings on the wells."""
    given, agents = configuration, SQUARE * SQUARE
    size = Size(agents, given.step_size, given.steps, given.forget, given.replicas, given.seed)
    rows: list[dict[str, Any]] = []
    for (name, k), iteration in stable_iterations(given).items():
        graph = GRAPHS[name]
        found = on_parabola(size, so.QSGD(k, graph=graph), iteration)
        spectrum = by_spectrum(graph, k, given.step_size)
        rows.append({"graph": name, "coupling": k, "by_spectrum": spectrum, **found})
    work = len(rows) * (size.steps + size.forget) * size.replicas * agents
    runs = table(rows)
    wells = _wells(given)
    each = given.steps_on_wells * agents
    work += each * wells["grid_spread"].size * given.replicas_on_grid
    work += each * 2 * len(ON_WELLS) * given.replicas_on_wells
    bands = ("band", "band_of_mean", "band_on_wells")
    return (
        runs.merge(wells)
        .assign({name: getattr(given, name) for name in bands})
        .assign_attrs(agent_steps=work)
    )


def stable_iterations(given: TopologyConfiguration) -> dict[tuple[str, float], Network]:
    """Return the iterations on the parabola by graph and coupling; all must be stable."""
    found = {}
    for name, graph in GRAPHS.items():
        for k in given.coupling:
            iteration = found[name, k] = exact(graph, k, given.step_size)
            try:
                long_run(iteration, CURVATURE, given.step_size**2)
            except InvalidArgumentError:
                raise InvalidArgumentError(
                    f"a coupling of {k:g} with step_size {given.step_size:g} is not stable on the graph "
                    f"“{name}”; give a smaller one."
                ) from None
    return found


def exact(graph: AgentGraph, coupling: float, step_size: float) -> Network:
    """Return the iteration of all agents."""
    agents, pairs = SQUARE * SQUARE, isinstance(graph, Matchings)
    weights = graph.weights(agents) if isinstance(graph, FixedGraph) else None
    return network(
        coupling=coupling, step_size=step_size, agents=agents, weights=weights, pairs=pairs
    )


def by_spectrum(graph: AgentGraph, coupling: float, step_size: float) -> float:
    """Return the spread as a sum over the eigenvalues of W, NaN where W is not symmetric."""
    weights = graph.weights(SQUARE * SQUARE).toarray() if isinstance(graph, FixedGraph) else None
    if weights is None or not np.allclose(weights, weights.T):
        return float("nan")
    modes = [
        mode_variance(float(each), step_size * coupling, step_size)
        for each in np.linalg.eigvalsh(weights)[:-1]
    ]
    return float(step_size**2 * sum(modes))


def _wells(given: TopologyConfiguration) -> xr.Dataset:
    """Return shares near the goal over a grid, and with the spread of the best coupling of all."""
    agents, grid = SQUARE * SQUARE, np.array(given.coupling_on_wells)

    def run(name: str, k: float, replicas: int, seed: int) -> tuple[Any, float]:
        quorum, spread = on_wells(
            so.QSGD(k, graph=GRAPHS[name]),
            agents=agents,
            replicas=replicas,
            steps=given.steps_on_wells,
            seed=seed,
        )
        return near_goal(quorum), spread

    shape = (len(ON_WELLS), len(grid))
    share, spread = np.empty(shape), np.empty(shape)
    for place, name in enumerate(ON_WELLS):
        for index, k in enumerate(grid):
            near, spread[place, index] = run(name, float(k), given.replicas_on_grid, given.seed)
            share[place, index] = near.mean()
    best = int(np.argmax(share[0]))
    matched = np.array([_where(grid, row, spread[0, best]) for row in spread])
    fresh = given.seed + 1
    at_spread, at_best = (
        np.array([run(name, float(k), given.replicas_on_wells, fresh)[0] for name, k in pairs])
        for pairs in (
            list(zip(ON_WELLS, matched, strict=True)),
            [(name, grid[best]) for name in ON_WELLS],
        )
    )
    return xr.Dataset(
        {
            "grid_share": (("well_graph", "grid"), share),
            "grid_spread": (("well_graph", "grid"), spread),
            "matched_coupling": ("well_graph", matched),
            "matched_spread": spread[0, best],
            "near_matched": (("well_graph", "replica"), at_spread),
            "near_with_same": (("well_graph", "replica"), at_best),
        },
        {"well_graph": list(ON_WELLS), "grid": grid},
    )


def _where(grid: Any, spread: Any, wanted: float) -> float:
    """Return the weakest coupling with a spread, between two points of the grid on log scales."""
    below = np.flatnonzero(spread <= wanted)
    if not len(below):
        return float(grid[-1])
    last = int(below[0])
    if last == 0:
        return float(grid[0])
    ends = slice(last - 1, last + 1)
    logs = np.interp(-np.log(wanted), -np.log(spread[ends]), np.log(grid[ends]))
    return float(np.exp(logs))


experiment = Experiment(
    name="topology",
    title="On any graph agents spread by its spectrum, and the best coupling gives one spread",
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
