"""Figure 2 of Boffi & Slotine (2020): Figure 1 with a step size that is halved, then held."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sdeopt.experiments.measured import SHARE, interval_of
from sims.rugged import deterministic, fig1, model
from sims.rugged.animation import animate
from sims.rugged.claims import near_start, wide_mean
from sims.rugged.drawing import draw_enlarged
from sims.rugged.model import HalvingConfiguration, simulate_couplings
from sims.rugged.schedule_gain import gained, share_moved, way_gained
from sims.shared import SOURCE, all_reconstructed
from sims.shared.measures import (
    RELIABLE,
    Basins,
    rises,
    sampled,
    share_in_ripples,
    width,
)
from sims.shared.panels import coupling_of, panels

SETUP = (
    "QSGD as in Figure 1, on the same loss with the same noise and couplings, but the step "
    "size is halved every so many steps and, after the last halving, held. Beside it, and not "
    "drawn, the same couplings run for as many steps of constant size: that is Figure 1 with 2,000 "
    "steps more, and its spread and its means are what the claims compare with. The dashed curve is "
    "the loss convolved with the noise of the first, largest step. Not drawn either: the gradient flow "
    "without noise from the mean of every start; the first steps are those of Figure 1, which says "
    "there when agents follow that path and when not."
)

FROM_PAPER = (
    *model.FROM_PAPER,
    "the step size is halved every so many steps and then held; all else as in Figure 1",
)

RECONSTRUCTED = (
    *model.RECONSTRUCTED,
    "the steps between halvings and their number: every 2,500 steps, four times; and 12,000 steps in "
    "all, with either step size, where Figure 1 has 10,000 and the paper changes nothing but the step "
    "size: the last one is held for 2,000 of them",
    "at the end, near = within r = ηW of the last step size (0.0175); the spread of Figure 1 = "
    "central 90% interval of its agents",
    "little, slightly, mildly = at most a tenth: of the way to the least loss, or of the replicas or "
    "the agents",
    "why the gain of panels (a) and (b) is not slight: the noise of Figure 1 spreads agents over their "
    "basins almost evenly, and with any falling step size they settle there. At k = 0 73% of them end "
    "in the inner halves of their basins even where the step size is halved every 20 steps; at k = 3 "
    "63% do then and 79% where it is halved every 100, but so soon k = 8 and 9 find nothing either",
    "what is claimed of the mean at k = 0; the paper speaks of convergence around minima there",
)


FIGURE_1: dict[str, Any] = {one.name: getattr(fig1.PAPER, one.name) for one in fields(fig1.PAPER)}

PAPER = HalvingConfiguration(**FIGURE_1 | {"steps": 12_000, "halve_every": 2_500, "halvings": 4})

QUICK = replace(PAPER, replicas=100)


def simulate(configuration: HalvingConfiguration) -> xr.Dataset:
    """Simulate the figure, and gradient descent without noise from every start beside it."""
    return deterministic.with_paths(configuration, simulate_panels(configuration))


def simulate_panels(configuration: HalvingConfiguration) -> xr.Dataset:
    """Simulate the six couplings with the schedule, and with constant step size beside it."""
    halved, constant = (
        simulate_couplings(configuration, so.QSGD, step_size=step_size)
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
    """Return what Secs 4.2 and 4.3 say of Figure 2, checked."""
    found = panel_claims(result)
    # With large k it should be as without noise, start by start; the first, large steps prevent it.
    for panel in panels(result, "large"):
        found += deterministic.as_without_noise(panel)
    return found


def panel_claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the panels, checked against constant step size, Figure 1."""
    return [*searched(result), *gained(result)]


def searched(result: xr.Dataset) -> list[Claim]:
    """Return the claims for which the constants were searched."""
    basins = Basins.of(result["position"], result["convolved"])
    # Without coupling the mean gains little (which is ours), and the agents settle where they are.
    found = settled_locally(result.sel(coupling=0.0), basins)
    # A coupling too small for Figure 1 improves only mildly.
    for panel in panels(result, "small"):
        found += mildly_better(panel, basins)
    # With a good one the agents, and their mean, settle in the deepest minimum in their spread.
    for panel in panels(result, "middle"):
        found += at_deepest(panel)
    # With too much, the mean ends near its start, but in a minimum of the true loss.
    for panel in panels(result, "large"):
        found += at_start(panel, basins)
    return found


def settled_locally(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that the mean gains little, while the agents settle inside their basins."""
    agents, constant = panel["agents"].values, panel["constant_agents"].values
    before, after = (basins.in_inner_half(sample).mean(axis=1) for sample in (constant, agents))
    frequency = panel["ripple_frequency"].item()
    deepest = Basins.of(panel["position"], panel["loss"])
    return [
        sampled(
            Claim.at_most,
            "k = 0: the mean gains little, its loss comes hardly closer to the least loss than with "
            "constant step size (below 0: it moves away)",
            lambda before, after: way_gained(panel, before, after),
            [panel["constant_mean"].values, panel["mean"].values],
            1.0 - RELIABLE,
            "share of the way",
        ),
        sampled(
            Claim.at_most,
            "k = 0: the mean does not find the deepest minimum",
            np.mean,
            [_near(panel, deepest.minima[deepest.deepest], "reach")],
            1.0 - RELIABLE,
            "share of replicas near it",
        ),
        sampled(
            Claim.at_least,
            "k = 0: yet the agents settle in ripples of the true loss (with constant step size: "
            f"{share_in_ripples(constant, frequency):.3f})",
            lambda x: share_in_ripples(x, frequency),
            [agents],
            RELIABLE,
            "share in the lower halves of ripples (indifferent 0.5, all 1)",
            possible=SHARE,
        ),
        rises(
            "k = 0: and nearer to the minimum of its wide basin (share in the inner halves of the "
            f"basins: {before.mean():.3f} with constant step size, {after.mean():.3f} here)",
            before,
            after,
        ),
        sampled(
            Claim.at_most,
            "k = 0: this settling is local, the basins keep their shares of the agents",
            lambda before, after: share_moved(before, after, basins),
            [constant, agents],
            1.0 - RELIABLE,
            "largest change of a share",
            possible=SHARE,
        ),
    ]


def _near(panel: xr.Dataset, place: float, reach: str) -> NDArray[np.bool_]:
    """Return in which replicas the mean is near a place."""
    near: NDArray[np.bool_] = np.abs(panel["mean"].values - place) <= float(panel[reach])
    return near


def mildly_better(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that a coupling too small for reliable convergence stays so."""
    before, after = (
        basins.number(panel[name]) == basins.deepest for name in ("constant_mean", "mean")
    )
    # limits of shares that may be 0, where a difference has no scatter to judge by
    (low, high), (least, most) = (interval_of(np.mean, share) for share in (before, after))
    return [
        Claim.at_most(
            f"{coupling_of(panel)}: only a mild improvement, hardly more means than with constant "
            "step size are in the basin of the global minimum "
            f"({before.mean():.3f} there, {after.mean():.3f} here)",
            after.mean() - before.mean(),
            1.0 - RELIABLE,
            "difference of shares",
            interval=(least - high, most - low),
        ),
        wide_mean(panel),
    ]


def at_deepest(panel: xr.Dataset) -> list[Claim]:
    """Claim that agents and mean reach the deepest true minimum in the spread of Figure 1."""
    k, reach, agents = coupling_of(panel), float(panel["final_reach"]), panel["agents"].values
    true = Basins.of(panel["position"], panel["loss"])
    low, high = np.quantile(panel["constant_agents"], [0.05, 0.95])
    within = (true.minima >= low) & (true.minima <= high)
    chosen = int(np.argmin(np.where(within, true.depths, np.inf)))
    place = true.minima[chosen]
    return [
        sampled(
            Claim.at_least,
            f"{k}: the agents are in the basin of the deepest minimum of the true loss, "
            f"{place:.2f}, inside their spread with constant step size, {low:.2f} to {high:.2f}",
            np.mean,
            [(true.number(agents) == chosen) & within.any()],
            RELIABLE,
            "share of agents",
        ),
        sampled(
            Claim.at_most,
            f"{k}: they are centred on that minimum",
            lambda x: abs(np.median(x) - place),
            [agents],
            reach,
            "|median − minimum|",
        ),
        sampled(
            Claim.at_least,
            f"{k}: the mean is reliably at that minimum",
            np.mean,
            [_near(panel, place, "final_reach")],
            RELIABLE,
            "share of replicas near it",
        ),
        sampled(
            Claim.at_most,
            f"{k}: the mean is sharp",
            width,
            [panel["mean"].values],
            2 * reach,
            "width",
        ),
    ]


def at_start(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that too much coupling ends near the start, but now at minima of the true loss."""
    k, frequency = coupling_of(panel), panel["ripple_frequency"].item()
    before, after = (_at_minima(panel, name) for name in ("constant_mean", "mean"))
    return [
        near_start(panel, basins),
        sampled(
            Claim.at_least,
            f"{k}: the mean is now at a minimum of the true loss (with constant step size: "
            f"{before.mean():.3f})",
            np.mean,
            [after],
            RELIABLE,
            "share of replicas near one",
        ),
        sampled(
            Claim.at_least,
            f"{k}: and so are the agents (with constant step size: "
            f"{share_in_ripples(panel['constant_agents'], frequency):.3f})",
            lambda x: share_in_ripples(x, frequency),
            [panel["agents"].values],
            RELIABLE,
            "share in the lower halves of ripples (indifferent 0.5, all 1)",
            possible=SHARE,
        ),
    ]


def _at_minima(panel: xr.Dataset, name: str) -> NDArray[np.bool_]:
    """Return which of a sample are within reach, at the last step size, of some true minimum."""
    true, sample = Basins.of(panel["position"], panel["loss"]), panel[name].values
    away = np.abs(sample - true.minima[true.number(sample)])
    near: NDArray[np.bool_] = away <= float(panel["final_reach"])
    return near


experiment = Experiment(
    name="fig2",
    title="The same with a falling step size: from the smoothed loss to the true one",
    source=f"{SOURCE}, Fig. 2 and Sec. 4.3",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_enlarged,
    claims=claims,
    animate=lambda configuration: animate(configuration, so.QSGD, configuration.schedule()),
    section="Toy losses",
    headline=all_reconstructed,
)
