"""Figure 1 of Boffi & Slotine (2020): QSGD on the rugged loss, from no coupling to too much."""

from dataclasses import replace

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sims.rugged import deterministic, random_walk
from sims.rugged.animation import animate
from sims.rugged.claims import at_minimum, equal_in_law, found_at, gathered, spread, stuck
from sims.rugged.drawing import draw_panels
from sims.rugged.model import (
    FROM_PAPER,
    RECONSTRUCTED,
    RuggedConfiguration,
    final_states,
    simulate_couplings,
)
from sims.shared import SOURCE, all_reconstructed
from sims.shared.measures import Basins
from sims.shared.panels import panels

SETUP = (
    "QSGD, xⁱ ← xⁱ − η(f′(xⁱ) + ζⁱ) + ηk(x• − xⁱ), on a one-dimensional loss with many spurious "
    "minima. Every replica starts its agents uniformly on [−3, 3] and runs with constant step size "
    "and fresh uniform noise; the panels differ in the coupling k only and see the same noise. "
    "Densities of all final agents and of the final means over the replicas, each scaled to its "
    f"own peak, are drawn over the true loss and the loss convolved with ηζ. {deterministic.SETUP} "
    f"{random_walk.SETUP}"
)

PAPER = RuggedConfiguration(
    replicas=1_000,
    agents=150,
    steps=10_000,
    step_size=0.04,
    coupling=(0.0, 3.0, 8.0, 9.0, 20.0, 26.0),
    middle=(6.0, 10.0),
)

QUICK = replace(PAPER, replicas=200, steps=5_000)


def simulate(configuration: RuggedConfiguration) -> xr.Dataset:
    """Simulate the figure, and what Secs 4.2 and 4.3 compare it with: paths without noise, walks."""
    result = deterministic.with_paths(configuration, simulate_panels(configuration))
    fine = deterministic.with_fine_steps(configuration, result)
    return random_walk.with_walk(configuration, fine)


def simulate_panels(configuration: RuggedConfiguration) -> xr.Dataset:
    """Simulate the six couplings, and uncoupled SGD with another seed beside them."""
    result = simulate_couplings(configuration, so.QSGD)
    alone = final_states(replace(configuration, seed=configuration.seed + 1), so.SGD())
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
    """Return what Secs 4.2 and 4.3 say of Figure 1, checked."""
    found = panel_claims(result)
    # With large k it should be as without noise, start by start; it is so for short steps only.
    for panel in panels(result, "large"):
        found += deterministic.as_without_noise(panel)
        found.append(deterministic.spread_over_minima(panel))
    found += deterministic.in_the_limit(result)
    # Without coupling the same noise leads to a random walk.
    return found + random_walk.wanders(result)


def panel_claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the panels, checked."""
    basins = Basins.of(result["position"], result["convolved"])
    uncoupled = result.sel(coupling=0.0)
    # Without coupling the agents spread over the range, with slightly more of them in the deepest
    # minima, and the mean is sharply at 0; QSGD at k = 0 is SGD.
    found = spread(uncoupled, basins) + equal_in_law(uncoupled)
    # With little coupling the agents gather in wide minima, but the mean is not reliable.
    for panel in panels(result, "small"):
        found += gathered(panel, uncoupled, basins)
    # With more, agents and mean are at the global minimum, and the mean is sharp.
    middle = panels(result, "middle")
    for panel in middle:
        found += at_minimum(panel, basins)
    # With too much, the mean is held near its start.
    best = max((found_at(panel, basins) for panel in middle), default=0.0)
    for panel in panels(result, "large"):
        found += stuck(panel, best, basins)
    # The dashed curve is the loss convolved with the noise of a step.
    return [
        *found,
        Claim.at_most(
            "the closed form of the convolved loss equals its quadrature",
            float(result["convolution_error"]),
            1e-10,
            "largest difference",
        ),
    ]


experiment = Experiment(
    name="fig1",
    title="Coupled agents on a rugged loss: too little, right, and too much coupling",
    source=f"{SOURCE}, Fig. 1 and Sec. 4.3",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_panels,
    claims=claims,
    animate=lambda configuration: animate(configuration, so.QSGD),
    section="Toy losses",
    headline=all_reconstructed,
)
