"""Momentum at the largest coupling with a falling step size: what Figure 2 is to Figure 1 (Sec. 4.3)."""

from dataclasses import replace

import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sims.rugged.fig2 import at_deepest
from sims.rugged.model import RuggedConfiguration, final_states

SETUP = "And the largest coupling with the step size halved every so many steps as in Figure 2."

STEPS, EVERY, HALVINGS = 12_000, 2_500, 4
"""Of the run, between halvings, and how many there are, as in Figure 2."""


def with_schedule(
    configuration: RuggedConfiguration, momentum: float, result: xr.Dataset
) -> xr.Dataset:
    """Add the largest coupling with a step size that is halved, then held."""
    longer = replace(configuration, steps=STEPS)
    schedule = so.schedules.Halving(configuration.step_size, every=EVERY, times=HALVINGS)
    algorithm = so.QSGDMomentum(max(configuration.coupling), momentum)
    run = final_states(longer, algorithm, schedule)
    last = configuration.step_size / 2.0**HALVINGS
    return result.assign(
        halved_agents=run["agents"],
        halved_mean=run["mean"],
        final_reach=last * configuration.half_width,
    ).assign_attrs(
        run_seconds=result.attrs["run_seconds"] + run.attrs["run_seconds"],
        agent_steps=result.attrs["agent_steps"] + run["agents"].size * STEPS,
    )


def combines_well(panel: xr.Dataset) -> list[Claim]:
    """Claim that with it agents and mean reach the deepest true minimum in the spread of the panel."""
    halved = panel.assign(
        agents=panel["halved_agents"], mean=panel["halved_mean"], constant_agents=panel["agents"]
    )
    k = f"k = {panel['coupling'].item():g}"
    words = f"Sec. 4.3, Fig. 3(f) with a falling step size, at {k}: "
    return [
        replace(claim, claim=words + claim.claim.removeprefix(f"{k}: "))
        for claim in at_deepest(halved)
    ]
