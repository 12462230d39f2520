"""Figure 2 of Boffi & Slotine (2020): Figure 1 with a step size that is halved, then held."""

from dataclasses import dataclass, fields
from typing import Any

import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sims import fig1
from sims.analysis.measures import Basins
from sims.claims import halving as halving_claims
from sims.drawings import rugged_animation
from sims.drawings.halving import draw_enlarged
from sims.models import rugged
from sims.models.rugged import RuggedConfiguration

__all__ = ["HalvingConfiguration", "claims", "experiment", "simulate"]


@dataclass(frozen=True, kw_only=True)
class HalvingConfiguration(RuggedConfiguration):
    """The size, the couplings and the schedule of the figure.

    Parameters
    ----------
    halve_every : int
        Steps from the start to the first halving, and from one to the next.
    halvings : int
        How many there are; after the last the step size is held.
    """

    halve_every: int
    halvings: int

    def schedule(self) -> so.schedules.Halving:
        """Return the step size as a function of the step."""
        return so.schedules.Halving(self.step_size, every=self.halve_every, times=self.halvings)

    def final_step_size(self) -> float:
        """Return the step size that is held at the end."""
        return self.step_size / 2.0**self.halvings


def _configuration(replicas: int) -> HalvingConfiguration:
    """Return Figure 1's constants, as long as the schedule needs."""
    same: dict[str, Any] = {one.name: getattr(fig1.PAPER, one.name) for one in fields(fig1.PAPER)}
    own = {"replicas": replicas, "steps": 12_000, "halve_every": 2_500, "halvings": 4}
    return HalvingConfiguration(**same | own)


QUICK, PAPER = _configuration(100), _configuration(1_000)


def simulate(configuration: HalvingConfiguration) -> xr.Dataset:
    """Simulate the six couplings with the schedule, and with constant step size beside it.

    Parameters
    ----------
    configuration : HalvingConfiguration
        Sizes, noise, couplings and schedule.

    Returns
    -------
    xarray.Dataset
        What `sims.models.rugged.simulate_couplings` returns, smoothed with the first step size, with
        ``constant_agents`` and ``constant_mean`` from as many steps of constant size, and
        ``final_reach``, the last step size times W.
    """
    halved, constant = (
        rugged.simulate_couplings(configuration, so.QSGD, step_size=step_size)
        for step_size in (configuration.schedule(), None)
    )
    return halved.assign(
        constant_agents=constant["agents"],
        constant_mean=constant["mean"],
        final_reach=configuration.final_step_size() * configuration.half_width,
    ).assign_attrs(
        {name: halved.attrs[name] + constant.attrs[name] for name in ("run_seconds", "agent_steps")}
    )


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the figure, checked.

    Parameters
    ----------
    result : xarray.Dataset
        From `simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        In the order of the panels.
    """
    basins = Basins.of(result["position"], result["convolved"])
    found = halving_claims.settled_locally(result.sel(coupling=0.0), basins)
    for panel in rugged.panels(result, "small"):
        found += halving_claims.mildly_better(panel, basins)
    for panel in rugged.panels(result, "middle"):
        found += halving_claims.at_deepest(panel)
    for panel in rugged.panels(result, "large"):
        found += halving_claims.at_start(panel, basins)
    return found


experiment = Experiment(
    name="fig2",
    title="The same with a falling step size: from the smoothed loss to the true one",
    source=f"{rugged.SOURCE}, Fig. 2 and Sec. 4.3",
    setup=(
        "QSGD as in Figure 1, on the same loss with the same noise and couplings, but the step "
        "size is halved every so many steps and, after the last halving, held. Beside it, and not "
        "drawn, the same couplings run for as many steps of constant size: that is Figure 1, and "
        "its spread and its means are what the claims compare with. The dashed curve is the loss "
        "convolved with the noise of the first, largest step."
    ),
    from_paper=(
        *rugged.FROM_PAPER,
        "the step size is halved every so many steps and then held; all else as in Figure 1",
    ),
    reconstructed=(
        *rugged.RECONSTRUCTED,
        "the steps between halvings and their number: every 2,500 steps, four times",
        "at the end, near = within r = ηW of the last step size (0.0175); the spread of Figure 1 = "
        "central 90% interval of its agents",
        "little = at most a tenth: of the way to the least loss, or of the replicas or agents",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_enlarged,
    claims=claims,
    animate=lambda configuration: rugged_animation.animate(
        configuration, so.QSGD, configuration.schedule()
    ),
    section="Toy losses",
)
