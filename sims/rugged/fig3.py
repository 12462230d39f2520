"""Figure 3 of Boffi & Slotine (2020): Figure 1 with momentum."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sdeopt.experiments.measured import SHARE
from sims.rugged import fig1, model, momentum_schedule, velocities
from sims.rugged.claims import (
    at_minimum,
    equal_in_law,
    found_at,
    spread,
    stuck,
    surplus,
    unreliable_mean,
    wide_mean,
)
from sims.rugged.drawing import draw_panels
from sims.rugged.model import RuggedConfiguration, final_states, simulate_couplings
from sims.shared import SOURCE, all_reconstructed
from sims.shared.measures import RELIABLE, Array, Basins, rises, sampled
from sims.shared.panels import coupling_of, panels

SETUP = (
    "QSGD with momentum, vⁱ ← δvⁱ − η(f′(xⁱ + δvⁱ) + ζⁱ), xⁱ ← xⁱ + vⁱ + ηk(x• − xⁱ), on the "
    "loss and with the noise of Figure 1. Beside it, and not drawn, QSGD without momentum: "
    "with the same step size at the largest coupling, and with the step size of Figure 1 at a "
    "coupling less than a third of it. A step size of 0.04 leaves no room for k = 70 without "
    "momentum, because ηk > 2 is unstable. "
    f"{velocities.SETUP} {momentum_schedule.SETUP}"
)

FROM_PAPER = (*model.FROM_PAPER, "coupling of the positions of agents with momentum")

RECONSTRUCTED = (
    *model.RECONSTRUCTED,
    "the momentum, δ = 0.9, and the iteration: the text lost eqs. (42) and (43); Nesterov’s form with "
    "coupling in position only, as in Sec. 6.1",
    "Sec. 4.3 compares this figure with Figure 1 panel by panel, so the convolved loss and the "
    "reach r = 0.28 are Figure 1’s; with momentum one step’s noise first moves the point of the "
    "next gradient by (1 + δ)ηζ, at most 0.133, and in the end the agent by ηζ/(1 − δ), at most "
    "0.7: r lies between",
    "the gap between the couplings with and without momentum is in part one of step sizes: in "
    "pull per step, ηk = 0.7 finds the minimum here, 0.36 does and 0.8 does not in Figure 1",
    "the schedule of the step size: halved every 2,500 steps, four times, in 12,000 steps",
    "the centre = [−1, 1], the middle third of the start; both basins = at least 5% of the "
    "means in each",
)


@dataclass(frozen=True, kw_only=True)
class MomentumConfiguration(RuggedConfiguration):
    """The size, the couplings and the momentum of the figure.

    Couplings of the middle part find two minima, and only larger ones the global minimum.

    Parameters
    ----------
    momentum : float
        δ.
    plain_step_size : float
        Of Figure 1: it smooths the loss and says what is near here too.
    plain_coupling : float
        A coupling that is too large for QSGD without momentum at that step size.
    """

    momentum: float
    plain_step_size: float
    plain_coupling: float


PAPER = MomentumConfiguration(
    replicas=1_000,
    agents=150,
    steps=10_000,
    step_size=0.01,
    momentum=0.9,
    coupling=(0.0, 10.0, 30.0, 35.0, 40.0, 70.0),
    middle=(30.0, 40.0),
    plain_step_size=fig1.PAPER.step_size,
    plain_coupling=20.0,
)

QUICK = replace(PAPER, replicas=150)


def simulate(configuration: MomentumConfiguration) -> xr.Dataset:
    """Simulate the figure, and what its words ask beside it: velocities, and a falling step size."""
    result = simulate_panels(configuration)
    measured = velocities.with_velocities(configuration, configuration.momentum, result)
    return momentum_schedule.with_schedule(configuration, configuration.momentum, measured)


def simulate_panels(configuration: MomentumConfiguration) -> xr.Dataset:
    """Simulate the six couplings, single agents, and two runs without momentum beside them."""

    def algorithm(coupling: float) -> so.QSGDMomentum:
        return so.QSGDMomentum(coupling, configuration.momentum)

    result = simulate_couplings(configuration, algorithm, smoothing=configuration.plain_step_size)
    shape = (configuration.replicas, configuration.agents)
    single = replace(
        configuration, agents=1, replicas=shape[0] * shape[1], seed=configuration.seed + 1
    )
    alone = final_states(single, algorithm(0.0))
    cases = [
        (max(configuration.coupling), configuration.step_size),
        (configuration.plain_coupling, configuration.plain_step_size),
    ]
    plain = [final_states(configuration, so.QSGD(k), eta) for k, eta in cases]
    runs = [alone, *plain]
    return result.assign(
        sgd_agents=(("replica", "agent"), alone["agents"].values.reshape(shape)),
        plain_mean=(("plain", "replica"), [run["mean"].values for run in plain]),
        plain_coupling=("plain", [k for k, _ in cases]),
        plain_step_size=("plain", [eta for _, eta in cases]),
    ).assign_attrs(
        run_seconds=result.attrs["run_seconds"] + sum(run.attrs["run_seconds"] for run in runs),
        agent_steps=result.attrs["agent_steps"]
        + sum(run["agents"].size for run in runs) * configuration.steps,
    )


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of Figure 3, checked."""
    found = panel_claims(result)
    basins = Basins.of(result["position"], result["convolved"])
    for panel in panels(result, "large")[-1:]:
        # Velocities differ, and that is what keeps the mean from a minimum near its start.
        found += velocities.kept_by_velocities(panel, basins)
        # With a falling step size agents and mean go on to the minimum of the true loss.
        found += momentum_schedule.combines_well(panel)
    return found


def panel_claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the panels, checked."""
    basins = Basins.of(result["position"], result["convolved"])
    uncoupled = result.sel(coupling=0.0)
    # Without coupling it is as in Figure 1.
    found = spread(uncoupled, basins)
    found += equal_in_law(uncoupled, "single agents with momentum")
    # With little, the agents gather around the centre, away from the deep minima.
    for panel in panels(result, "small"):
        found += at_centre(panel, uncoupled, basins)
    # With more, agents and mean are on the two deepest minima, the mean not reliably on the deepest.
    for panel in panels(result, "middle"):
        found += in_two_basins(panel, uncoupled, basins)
    # Only with much more are they at the global minimum.
    large = panels(result, "large")
    for panel in large:
        found += at_minimum(panel, basins)
    # Without momentum so much coupling is too much.
    best = max((found_at(panel, basins) for panel in large), default=0.0)
    for case, plain in _without_momentum(result).items():
        found += stuck(plain, best, basins, case)
    return found


def at_centre(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents are localized around the centre, but not around the deep minima."""
    k, reach = coupling_of(panel), float(panel["reach"])
    agents, start = panel["agents"].values, uncoupled["agents"].values
    # The centre is the middle third of [-3, 3], where the agents start.
    before, after = (np.mean(np.abs(sample) <= 1.0, axis=1) for sample in (start, agents))
    left, right = deep = basins.minima[list(basins.two_deepest)]
    mean = panel["mean"].values

    def denser(here: Array, alone: Array, place: float) -> float:
        """Return by how much the surplus at a place is larger than at k = 0."""
        one, other = (surplus(sample, place, (left, right), reach) for sample in (here, alone))
        return one - other

    return [
        rises(
            f"{k}: the agents are more localized around the centre (share in [−1, 1]: "
            f"{before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            before,
            after,
        ),
        *(
            sampled(
                Claim.at_most,
                f"{k}: but not around the deep minimum at {place:.2f}, less so than at k = 0 "
                "(density there / elsewhere in the range: "
                f"{surplus(start, place, (left, right), reach):.2f} at k = 0, "
                f"{surplus(agents, place, (left, right), reach):.2f} here)",
                lambda here, alone, place=place: denser(here, alone, place),
                [agents, start],
                0.0,
                "difference of the two",
            )
            for place in deep
        ),
        sampled(
            Claim.at_most,
            f"{k}: the mean is at the centre",
            lambda x: abs(np.median(x)),
            [mean],
            reach,
            "|median|",
        ),
        sampled(
            Claim.at_most,
            f"{k}: the mean is at neither of the two deepest minima",
            np.mean,
            [np.abs(mean[:, None] - deep).min(axis=1) <= reach],
            1.0 - RELIABLE,
            "share of replicas near one",
        ),
    ]


BOTH = 0.05
"""The least share of means in a basin that counts as one of two: a tail of `width`."""


def in_two_basins(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents and mean are on the two deepest minima, too widely to be reliable."""
    k, reach = coupling_of(panel), float(panel["reach"])
    agents, mean = panel["agents"].values, panel["mean"].values
    pair = basins.two_deepest
    before, after = (
        _near_either(one["agents"].values, basins, reach) for one in (uncoupled, panel)
    )
    return [
        rises(
            f"{k}: the agents are localized on the two deepest minima of the convolved loss "
            f"(share near one: {before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            before,
            after,
        ),
        sampled(
            Claim.at_least,
            f"{k}: the agents are in the basins of these two",
            np.mean,
            [np.isin(basins.number(agents), pair)],
            RELIABLE,
            "share of agents",
        ),
        sampled(
            Claim.at_least,
            f"{k}: and so is the mean",
            np.mean,
            [np.isin(basins.number(mean), pair)],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_least,
            f"{k}: it is found in both basins",
            lambda which: min(np.mean(which == one) for one in pair),
            [basins.number(mean)],
            BOTH,
            "share of replicas, in the rarer one",
            possible=SHARE,
        ),
        wide_mean(panel),
        unreliable_mean(panel, basins),
    ]


def _near_either(agents: Array, basins: Basins, reach: float) -> Array:
    """Return the share of agents near one of the two deepest minima, in every replica."""
    deep = basins.minima[list(basins.two_deepest)]
    near: Array = np.mean(np.abs(agents[..., None] - deep).min(axis=-1) <= reach, axis=1)
    return near


def _without_momentum(result: xr.Dataset) -> dict[str, xr.Dataset]:
    """Return the runs without momentum, each as a panel, by what they are."""
    found = {}
    for index in range(result.sizes["plain"]):
        plain = result.isel(plain=index, coupling=0)
        k, step_size = plain["plain_coupling"].item(), plain["plain_step_size"].item()
        case = f"without momentum, k = {k:g} at step size {step_size:g}"
        found[case] = plain[["start", "reach"]].assign(mean=plain["plain_mean"])
    return found


experiment = Experiment(
    name="fig3",
    title="The same with momentum: much larger couplings find the minimum",
    source=f"{SOURCE}, Fig. 3 and Sec. 4.3",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_panels,
    claims=claims,
    section="Toy losses",
    headline=all_reconstructed,
)
