"""Figure 6 of Boffi & Slotine (2020): where the means end on the coupled loss."""

from dataclasses import replace
from typing import TYPE_CHECKING

import xarray as xr

from sdeopt.experiment import Claim, Experiment
from sims.coupled import final_points, model
from sims.coupled.claims import at_minima, beyond, clustered, near_origin, shifted
from sims.coupled.drawing import draw_points
from sims.coupled.final_points import FinalPointsConfiguration, simulate_points
from sims.coupled.pairs import Clusters
from sims.shared import SOURCE, all_reconstructed
from sims.shared.panels import panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETUP = (
    f"{final_points.SETUP} Shown are the final means x•, one for each replica; they are the "
    "means of the agents of Figure 5 (at the same scale and seed)."
)

FROM_PAPER = (*model.FROM_PAPER, "six couplings, with the final means on the cross section")

RECONSTRUCTED = (*model.RECONSTRUCTED, *final_points.RECONSTRUCTED)

PAPER = FinalPointsConfiguration(replicas=500)

QUICK = replace(PAPER, replicas=32)


def simulate(configuration: FinalPointsConfiguration) -> xr.Dataset:
    """Simulate every coupling and keep the final means."""
    return simulate_points(configuration, "mean")


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of Figure 6, checked."""
    clusters = Clusters.of(result)
    # Without coupling the means are near the origin.
    found = near_origin(result.sel(coupling=0.0), "mean", clusters)
    # With little they are still one ball, shifted towards the bottom left.
    for panel in panels(result, "small"):
        found += shifted(panel, clusters)
    # With more they are at the four minima of the uncorrupted loss.
    middle = panels(result, "middle")
    for panel in middle:
        found += clustered(panel, "mean", clusters)
        found.append(at_minima(panel, clusters))
    # With still more the clusters merge, and with too much all means are near the origin again.
    best = max(middle, key=lambda panel: float(clusters.near(panel["mean"]).mean()), default=None)
    return found + beyond(result, "mean", best, clusters)


def draw(result: xr.Dataset) -> "Figure":
    """Draw the final means over the convolved loss, a panel for each coupling."""
    label = r"means $x^\bullet$, one for each replica"
    return draw_points(result, result["mean"], "mean", label)


experiment = Experiment(
    name="fig6",
    title="Where the means end on the coupled loss: origin, four minima, origin again",
    source=f"{SOURCE}, Fig. 6 and Sec. 4.3",
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
