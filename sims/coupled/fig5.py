"""Figure 5 of Boffi & Slotine (2020): where the agents end on the coupled loss."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment
from sims.coupled import claims as coupled_agent_claims
from sims.coupled import claims as coupled_claims
from sims.coupled import final_points
from sims.coupled import model as coupled
from sims.coupled.final_points import FinalPointsConfiguration
from sims.coupled.pairs import Clusters
from sims.rugged.model import SOURCE, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


QUICK = AgentsConfiguration(replicas=final_points.QUICK_REPLICAS, shown_agents=10)
PAPER = AgentsConfiguration(replicas=final_points.PAPER_REPLICAS, shown_agents=2)


def simulate(configuration: AgentsConfiguration) -> xr.Dataset:
    """Simulate every coupling and keep the final agents."""
    return measured(configuration, final_points.simulate(configuration, "agents"))


def measured(configuration: AgentsConfiguration, runs: xr.Dataset) -> xr.Dataset:
    """Add to final agents which of them are drawn, and the loss of their mean."""
    everyone = np.tile(np.arange(configuration.agents), (configuration.replicas, 1))
    shuffled = np.random.default_rng(configuration.seed).permuted(everyone, axis=1)
    final_loss = configuration.loss().value(runs["agents"].mean("agent"))
    return runs.assign(
        shown=(("replica", "few"), shuffled[:, : configuration.shown_agents]),
        final_loss=(("coupling", "replica"), final_loss),
    )


def draw(result: xr.Dataset) -> "Figure":
    """Draw a few final agents over the convolved loss, a panel for each coupling."""
    few = result["agents"].isel(agent=result["shown"])
    number = result.sizes["few"]
    label = f"agents $x^i$, {number} of each replica at random"
    return final_points.draw_panels(result, few, "agents", label)


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the figure, checked on all agents, drawn or not."""
    places = Clusters.of(result)
    uncoupled = result["agents"].sel(coupling=0.0)
    found = coupled_agent_claims.uniform(uncoupled, places)
    for panel in panels(result, "small"):
        k = panel["coupling"].item()
        found += coupled_agent_claims.tighter(k, panel["agents"], uncoupled, places)
    middle = panels(result, "middle")
    for panel in middle:
        k = panel["coupling"].item()
        found += coupled_claims.clustered(panel["agents"], places, f"k = {k:g}: the agents")
        found.append(coupled_agent_claims.denser(k, panel["agents"], uncoupled, places))
    if len(middle) == 2:
        found += coupled_agent_claims.more_stragglers(middle, places)
    if middle:
        best = min(middle, key=lambda panel: float(panel["final_loss"].mean()))
        for panel in panels(result, "strong"):
            who = f"k = {panel['coupling'].item():g}: the agents"
            found += coupled_claims.merging(panel["agents"], best["agents"], places, who)
    for panel in panels(result, "large"):
        who = f"k = {panel['coupling'].item():g}: the agents"
        found += coupled_claims.near_origin(panel["agents"], places, who)
    return found


experiment = Experiment(
    name="fig5",
    title="Where the agents end on the coupled loss: everywhere, at four minima, at the origin",
    source=f"{SOURCE}, Fig. 5 and Sec. 4.3",
    setup=(
        f"{final_points.SETUP} Shown are the final agents, a few of each replica at random (by the "
        "seed, the same agents in all panels); the claims count all agents."
    ),
    from_paper=(
        *coupled.FROM_PAPER,
        "six couplings, with a random selection of the final agents on the cross section",
    ),
    reconstructed=(
        *coupled.RECONSTRUCTED,
        *final_points.RECONSTRUCTED,
        "how many agents of a simulation are drawn",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Toy losses",
)
