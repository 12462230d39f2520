"""Figure 1 of Boffi & Slotine (2020): QSGD on the rugged loss, from no coupling to too much."""

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sims.rugged import animation as rugged_animation
from sims.rugged import claims as rugged_claims
from sims.rugged import claims as uncoupled_claims
from sims.rugged import model as rugged
from sims.rugged.drawing import draw_panels
from sims.rugged.model import RuggedConfiguration
from sims.shared.measures import Basins, share_within

QUICK = RuggedConfiguration(
    replicas=200,
    agents=150,
    steps=5_000,
    step_size=0.04,
    small_couplings=(3.0,),
    middle_couplings=(8.0, 9.0),
    large_couplings=(20.0, 26.0),
)

PAPER = RuggedConfiguration(
    replicas=1_000,
    agents=150,
    steps=10_000,
    step_size=0.04,
    small_couplings=(3.0,),
    middle_couplings=(8.0, 9.0),
    large_couplings=(20.0, 26.0),
)


def simulate(configuration: RuggedConfiguration) -> xr.Dataset:
    """Simulate the six couplings, and uncoupled SGD with another seed beside them."""
    result = rugged.simulate_couplings(configuration, so.QSGD)
    alone = rugged.final_states(configuration, so.SGD(), seed=configuration.seed + 1)
    return result.assign(
        sgd_agents=alone["agents"], convolution_error=_convolution_error(configuration, result)
    ).assign_attrs(
        run_seconds=result.attrs["run_seconds"] + alone.attrs["run_seconds"],
        agent_steps=result.attrs["agent_steps"] + alone["agents"].size * configuration.steps,
    )


def _convolution_error(configuration: RuggedConfiguration, result: xr.Dataset) -> float:
    """Return the largest difference between the convolved loss and a quadrature of it."""
    nodes, weights = configuration.noise().quadrature(200)
    shifted = result["position"].values[:, None] - configuration.step_size * nodes
    average = configuration.loss().value(shifted[..., None]) @ weights
    return float(np.abs(average - result["convolved"].values).max())


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the figure, checked."""
    basins = Basins.of(result["position"], result["convolved"])
    uncoupled = result.sel(coupling=0.0)
    found = uncoupled_claims.spread(uncoupled, basins) + uncoupled_claims.equal_in_law(uncoupled)
    for panel in rugged.panels(result, "small"):
        found += rugged_claims.gathered(panel, uncoupled, basins)
    found_at = [0.0]
    for panel in rugged.panels(result, "middle"):
        found += rugged_claims.settled(panel, basins)
        place = basins.minima[basins.deepest]
        found_at.append(share_within(panel["mean"], place, float(panel["reach"])))
    for panel in rugged.panels(result, "large"):
        found += rugged_claims.stuck(panel, max(found_at), basins)
    error = float(result["convolution_error"])
    return [
        *found,
        Claim.at_most(
            "the closed form of the convolved loss equals its quadrature",
            error,
            1e-10,
            "largest difference",
        ),
    ]


experiment = Experiment(
    name="fig1",
    title="Coupled agents on a rugged loss: too little, right, and too much coupling",
    source=f"{rugged.SOURCE}, Fig. 1 and Sec. 4.3",
    setup=(
        "QSGD, xⁱ ← xⁱ − η(f′(xⁱ) + ζⁱ) + ηk(x• − xⁱ), on a one-dimensional loss with many "
        "spurious minima. Every replica starts its agents uniformly on [−3, 3] and runs with "
        "constant step size and fresh uniform noise; the panels differ in the coupling k only and "
        "see the same noise. Densities of all final agents and of the final means over the "
        "replicas, each scaled to its own peak, are drawn over the true loss and the loss "
        "convolved with ηζ."
    ),
    from_paper=rugged.FROM_PAPER,
    reconstructed=rugged.RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_panels,
    claims=claims,
    animate=lambda configuration: rugged_animation.animate(configuration, so.QSGD),
    section="Toy losses",
)
