"""Figure 6 of Boffi & Slotine (2020): where the means end on the coupled loss."""

from typing import TYPE_CHECKING

import xarray as xr

from sdeopt.experiment import Claim, Experiment
from sims.coupled import claims as coupled_claims
from sims.coupled import claims as coupled_mean_claims
from sims.coupled import final_points
from sims.coupled import model as coupled
from sims.coupled.final_points import FinalPointsConfiguration
from sims.coupled.pairs import Clusters
from sims.rugged.model import SOURCE, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUICK = FinalPointsConfiguration(replicas=final_points.QUICK_REPLICAS)
PAPER = FinalPointsConfiguration(replicas=final_points.PAPER_REPLICAS)


def simulate(configuration: FinalPointsConfiguration) -> xr.Dataset:
    """Simulate every coupling and keep the final means."""
    return final_points.simulate(configuration, "mean")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the final means over the convolved loss, a panel for each coupling."""
    label = r"means $x^\bullet$, one for each replica"
    return final_points.draw_panels(result, result["mean"], "mean", label)


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the figure, checked."""
    places = Clusters.of(result)
    found = coupled_claims.near_origin(result["mean"].sel(coupling=0.0), places, "k = 0: the means")
    for panel in panels(result, "small"):
        found += coupled_mean_claims.shifted(panel["coupling"].item(), panel["mean"], places)
    middle = panels(result, "middle")
    for panel in middle:
        k = panel["coupling"].item()
        found += coupled_claims.clustered(panel["mean"], places, f"k = {k:g}: the means")
        found.append(coupled_mean_claims.at_minima(k, panel["mean"], places))
    if middle:
        best = max(middle, key=lambda panel: float(places.near(panel["mean"]).mean()))
        for panel in panels(result, "strong"):
            who = f"k = {panel['coupling'].item():g}: the means"
            found += coupled_claims.merging(panel["mean"], best["mean"], places, who)
    for panel in panels(result, "large"):
        who = f"k = {panel['coupling'].item():g}: the means"
        found += coupled_claims.near_origin(panel["mean"], places, who)
    return found


experiment = Experiment(
    name="fig6",
    title="Where the means end on the coupled loss: origin, four minima, origin again",
    source=f"{SOURCE}, Fig. 6 and Sec. 4.3",
    setup=(
        f"{final_points.SETUP} Shown are the final means x•, one for each replica; they are the "
        "means of the agents of Figure 5 (at the same scale and seed)."
    ),
    from_paper=(*coupled.FROM_PAPER, "six couplings, with the final means on the cross section"),
    reconstructed=(*coupled.RECONSTRUCTED, *final_points.RECONSTRUCTED),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Toy losses",
)
