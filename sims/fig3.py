"""Figure 3 of Boffi & Slotine (2020): Figure 1 with momentum."""

from dataclasses import dataclass, replace

import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sims import fig1
from sims.analysis.measures import Basins, share_within
from sims.claims import momentum as momentum_claims
from sims.claims import rugged as rugged_claims
from sims.claims import uncoupled as uncoupled_claims
from sims.drawings.rugged import draw_panels
from sims.models import rugged
from sims.models.rugged import RuggedConfiguration

__all__ = ["MomentumConfiguration", "claims", "experiment", "simulate"]


@dataclass(frozen=True, kw_only=True)
class MomentumConfiguration(RuggedConfiguration):
    """The size, the couplings and the momentum of the figure.

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


def _configuration(replicas: int) -> MomentumConfiguration:
    return MomentumConfiguration(
        replicas=replicas,
        agents=150,
        steps=10_000,
        step_size=0.01,
        momentum=0.9,
        plain_step_size=fig1.PAPER.step_size,
        plain_coupling=min(fig1.PAPER.large_couplings),
        small_couplings=(10.0,),
        middle_couplings=(30.0, 35.0, 40.0),
        large_couplings=(70.0,),
    )


QUICK, PAPER = _configuration(100), _configuration(1_000)


def simulate(configuration: MomentumConfiguration) -> xr.Dataset:
    """Simulate the six couplings, single agents, and two runs without momentum beside them.

    Parameters
    ----------
    configuration : MomentumConfiguration
        Sizes, noise, couplings and momentum.

    Returns
    -------
    xarray.Dataset
        What `sims.models.rugged.simulate_couplings` returns, smoothed as in Figure 1; with
        ``sgd_agents`` (replica, agent), of agents alone, and ``plain_mean`` (plain, replica),
        without momentum: at the largest coupling and the same step size, and at a smaller coupling
        and the step size of Figure 1.
    """

    def algorithm(coupling: float) -> so.QSGDMomentum:
        return so.QSGDMomentum(coupling, configuration.momentum)

    result = rugged.simulate_couplings(
        configuration, algorithm, smoothing=configuration.plain_step_size
    )
    shape = (configuration.replicas, configuration.agents)
    single = replace(configuration, agents=1, replicas=shape[0] * shape[1])
    alone = rugged.final_states(single, algorithm(0.0), seed=configuration.seed + 1)
    cases = [
        (max(configuration.roles()), configuration.step_size),
        (configuration.plain_coupling, configuration.plain_step_size),
    ]
    plain = [
        rugged.final_states(configuration, so.QSGD(k), seed=configuration.seed, step_size=eta)
        for k, eta in cases
    ]
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
    uncoupled = result.sel(coupling=0.0)
    found = uncoupled_claims.spread(uncoupled, basins)
    found += uncoupled_claims.equal_in_law(uncoupled, "single agents with momentum")
    for panel in rugged.panels(result, "small"):
        found += momentum_claims.at_centre(panel, uncoupled, basins)
    for panel in rugged.panels(result, "middle"):
        found += momentum_claims.in_two_basins(panel, uncoupled, basins)
    found_at = [0.0]
    for panel in rugged.panels(result, "large"):
        found += rugged_claims.settled(panel, basins)
        place = basins.minima[basins.deepest]
        found_at.append(share_within(panel["mean"], place, float(panel["reach"])))
    for case, plain in _without_momentum(result).items():
        found += rugged_claims.stuck(plain, max(found_at), basins, case)
    return found


def _without_momentum(result: xr.Dataset) -> dict[str, xr.Dataset]:
    """Return the runs without momentum, each as a panel, by what they are."""
    panels = {}
    for index in range(result.sizes["plain"]):
        plain = result.isel(plain=index, coupling=0)
        k, step_size = plain["plain_coupling"].item(), plain["plain_step_size"].item()
        case = f"without momentum, k = {k:g} at step size {step_size:g}"
        panels[case] = plain[["start", "reach"]].assign(mean=plain["plain_mean"])
    return panels


experiment = Experiment(
    name="fig3",
    title="The same with momentum: much larger couplings find the minimum",
    source=f"{rugged.SOURCE}, Fig. 3 and Sec. 4.3",
    setup=(
        "QSGD with momentum, vⁱ ← δvⁱ − η(f′(xⁱ + δvⁱ) + ζⁱ), xⁱ ← xⁱ + vⁱ + ηk(x• − xⁱ), on the "
        "loss and with the noise of Figure 1. Beside it, and not drawn, QSGD without momentum: "
        "with the same step size at the largest coupling, and with the step size of Figure 1 at a "
        "coupling less than a third of it. A step size of 0.04 leaves no room for k = 70 without "
        "momentum, because ηk > 2 is unstable."
    ),
    from_paper=(*rugged.FROM_PAPER, "the iteration, with coupling in position only"),
    reconstructed=(
        *rugged.RECONSTRUCTED,
        "the momentum, δ = 0.9",
        "Sec. 4.3 compares this figure with Figure 1 panel by panel, so the convolved loss and the "
        "reach r = 0.28 are Figure 1’s; with momentum one step’s noise first moves the point of the "
        "next gradient by (1 + δ)ηζ, at most 0.133, and in the end the agent by ηζ/(1 − δ), at most "
        "0.7: r lies between",
        "the gap between the couplings with and without momentum is in part one of step sizes: in "
        "pull per step, ηk = 0.7 finds the minimum here, 0.36 does and 0.8 does not in Figure 1",
        "the centre = [−1, 1], the middle third of the start; both basins = at least 5% of the "
        "means in each",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_panels,
    claims=claims,
    section="Toy losses",
)
