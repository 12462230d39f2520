"""Figure 5 of Boffi & Slotine (2020): where the agents end on the coupled loss."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment
from sims.coupled import at_rest, final_points, model, scheduled
from sims.coupled.claims import beyond, clustered, denser, more_stragglers, tighter, uniform
from sims.coupled.drawing import draw_points
from sims.coupled.final_points import FinalPointsConfiguration, simulate_points
from sims.coupled.pairs import Clusters
from sims.shared import SOURCE, all_reconstructed
from sims.shared.panels import panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETUP = (
    f"{final_points.SETUP} Shown are the final agents, a few of each replica at random (by the "
    "seed, the same agents in all panels); the claims count all agents. "
    f"{scheduled.SETUP} {at_rest.SETUP}"
)

FROM_PAPER = (
    *model.FROM_PAPER,
    "six couplings, with a random selection of the final agents on the cross section",
)

RECONSTRUCTED = (
    *model.RECONSTRUCTED,
    *final_points.RECONSTRUCTED,
    "how many agents of a simulation are drawn",
    "the schedule that goes on from the middle couplings: halved every 400 steps, four times",
    "what at local minima and saddle points means in numbers: there the gradient is smaller by a tenth "
    "than where coordinates meet at random",
)


@dataclass(frozen=True, kw_only=True)
class AgentsConfiguration(FinalPointsConfiguration):
    """The size and the couplings of the figure, and how many agents it shows.

    Parameters
    ----------
    shown_agents : int
        How many are drawn of each replica, chosen at random.
    """

    shown_agents: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.shown_agents <= self.agents:
            raise InvalidArgumentError(
                f"shown_agents is {self.shown_agents}, but a replica has {self.agents} agents; "
                f"show 1 to {self.agents} of them."
            )


PAPER = AgentsConfiguration(replicas=500, shown_agents=2)

QUICK = replace(PAPER, replicas=32, shown_agents=10)


def simulate(configuration: AgentsConfiguration) -> xr.Dataset:
    """Simulate every coupling and keep the final agents; go on from some with smaller steps."""
    result = measured(configuration, simulate_points(configuration, "agents"))
    return at_rest.with_gradients(configuration, scheduled.with_schedule(configuration, result))


def measured(configuration: AgentsConfiguration, runs: xr.Dataset) -> xr.Dataset:
    """Add to final agents which of them are drawn, and the loss of their mean."""
    everyone = np.tile(np.arange(configuration.agents), (configuration.replicas, 1))
    shuffled = np.random.default_rng(configuration.seed).permuted(everyone, axis=1)
    final_loss = configuration.loss().value(runs["agents"].mean("agent"))
    return runs.assign(
        shown=(("replica", "few"), shuffled[:, : configuration.shown_agents]),
        final_loss=(("coupling", "replica"), final_loss),
    )


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of Figure 5, checked on all agents, drawn or not."""
    # From the clouds of the middle couplings a falling step size leads to minima of the true loss.
    further = scheduled.reaches_minima(result, Clusters.of(result))
    # Without coupling they are said to be at minima and saddle points.
    return panel_claims(result) + further + at_rest.claims(result)


def panel_claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the panels, checked."""
    clusters = Clusters.of(result)
    uncoupled = result.sel(coupling=0.0)
    # Without coupling the agents are uniform across parameter space.
    found = uniform(uncoupled, clusters)
    # With little they cluster more, but too few in the minima of the uncorrupted loss.
    for panel in panels(result, "small"):
        found += tighter(panel, uncoupled, clusters)
    # With more they are in clusters around these; where some are left between, the loss is higher.
    middle = panels(result, "middle")
    for panel in middle:
        found += clustered(panel, "agents", clusters)
        found.append(denser(panel, uncoupled, clusters))
    if len(middle) == 2:
        found += more_stragglers(middle, clusters)
    # With still more the clusters merge, and with too much all agents end at the origin.
    best = min(middle, key=lambda panel: float(panel["final_loss"].mean()), default=None)
    return found + beyond(result, "agents", best, clusters)


def draw(result: xr.Dataset) -> "Figure":
    """Draw a few final agents over the convolved loss, a panel for each coupling."""
    few = result["agents"].isel(agent=result["shown"])
    label = f"agents $x^i$, {result.sizes['few']} of each replica at random"
    return draw_points(result, few, "agents", label)


experiment = Experiment(
    name="fig5",
    title="Where the agents end on the coupled loss: everywhere, at four minima, at the origin",
    source=f"{SOURCE}, Fig. 5 and Sec. 4.3",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Toy losses",
    headline=all_reconstructed,
)
