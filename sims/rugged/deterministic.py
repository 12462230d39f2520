"""Strongly coupled agents beside a single one without noise: the limit of large k in Sec. 4.2.

The text says that for large k and p the agents converge "as if a single agent had been initialized
using deterministic gradient descent" at the mean of their start. That agent follows the gradient
flow here, in steps short enough to be stable on the fast wave: with the step size of Figure 1 gradient
descent itself settles nowhere (η sup f″ is about 8).
"""

from dataclasses import replace

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.rugged.model import RuggedConfiguration, final_states
from sims.shared.measures import RELIABLE, Array, Basins, sampled
from sims.shared.panels import coupling_of

SETUP = (
    "Beside the figure, and not drawn: the gradient flow without noise from the mean of every "
    "start, and the largest coupling in the limit of which Sec. 4.2 speaks, with steps sixteen "
    "times shorter at the same noise level (ηW² unchanged) and k = 1/η, p agents and a single one."
)

FINER = 16
"""How much shorter steps are in the limit; noise is wider by the root, so that ηW² is the same."""

FLOW_TIME = 10.0
"""In which the flow settles: curvatures at the minima of the ripples are about 200."""

FINE_TIME = 20.0
"""In which strongly coupled agents settle, of the 200 of Figure 1."""


def path_end(configuration: RuggedConfiguration, start: Array) -> Array:
    """Return where gradient descent without noise ends, from every start."""
    # The waves bend the loss upwards about as much as downwards, so this step is stable.
    steepest = configuration.loss().constants.negative_curvature
    assert steepest is not None
    step = 0.25 / steepest
    run = so.simulate(
        configuration.loss(),
        so.SGD(),
        steps=round(FLOW_TIME / step),
        step_size=step,
        start=so.start.Point(start[:, None, None]),
        replicas=len(start),
        record=so.record.End(("mean",)),
    )
    end: Array = run["mean"].isel(dim=0).values
    return end


def with_paths(configuration: RuggedConfiguration, result: xr.Dataset) -> xr.Dataset:
    """Add where the gradient flow leads from the mean of every start; all panels start alike."""
    start = result["start"].isel(coupling=0).values
    return result.assign(path=("replica", path_end(configuration, start)))


def with_fine_steps(configuration: RuggedConfiguration, result: xr.Dataset) -> xr.Dataset:
    """Add the limit of short steps and strong coupling at the same noise level, and single agents."""
    step_size = configuration.step_size / FINER
    fine = replace(
        configuration,
        step_size=step_size,
        half_width=configuration.half_width * FINER**0.5,
        steps=round(FINE_TIME / step_size),
    )
    coupled = final_states(fine, so.QSGD(1.0 / step_size))
    alone = final_states(replace(fine, agents=1), so.SGD())
    work = (coupled["agents"].size + alone["agents"].size) * fine.steps
    return result.assign(
        fine_agents=coupled["agents"],
        fine_mean=coupled["mean"],
        alone=alone["mean"],
        alone_path=("replica", path_end(configuration, alone["start"].values)),
    ).assign_attrs(
        run_seconds=result.attrs["run_seconds"]
        + coupled.attrs["run_seconds"]
        + alone.attrs["run_seconds"],
        agent_steps=result.attrs["agent_steps"] + work,
    )


def as_without_noise(panel: xr.Dataset) -> list[Claim]:
    """Claim that mean and agents end where a single agent without noise does, start by start."""
    k, true = coupling_of(panel), Basins.of(panel["position"], panel["loss"])
    agents, mean, path = (panel[name].values for name in ("agents", "mean", "path"))
    return [
        sampled(
            Claim.at_least,
            f"Sec. 4.2, large k: at {k} the mean ends in the minimum of the true loss to which "
            "gradient descent without noise leads from its start, start by start",
            np.mean,
            [true.number(mean) == true.number(path)],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_least,
            f"Sec. 4.2, large k: at {k} the agents are pulled into this minimum",
            np.mean,
            [(true.number(agents) == true.number(path)[:, None]).mean(axis=1)],
            RELIABLE,
            "share of agents",
            possible=SHARE,
        ),
    ]


def spread_over_minima(panel: xr.Dataset) -> Claim:
    """Claim why it is not so: a step's noise alone spreads the agents over several minima."""
    true = Basins.of(panel["position"], panel["loss"])
    agents, mean = panel["agents"].values, panel["mean"].values
    return sampled(
        Claim.at_least,
        f"why not in the same minimum at {coupling_of(panel)}: one step’s noise, which reaches r = ηW = "
        f"{panel['reach'].item():.2f} however large k is, spreads the agents over several minima, so "
        "that the loss stays smoothed",
        np.mean,
        [(true.number(agents) != true.number(mean)[:, None]).mean(axis=1)],
        0.5,
        "share of agents in another minimum than the mean",
        possible=SHARE,
    )


def in_the_limit(result: xr.Dataset) -> list[Claim]:
    """Claim that with short steps, at the same noise level, it is so, and not for single agents."""
    true = Basins.of(result["position"], result["loss"])
    path = true.number(result["path"])
    agents = (true.number(result["fine_agents"]) == path[:, None]).mean(axis=1)
    words = "Sec. 4.2, large k: in the limit of short steps at the same noise level, k = 1/η: "
    return [
        sampled(
            Claim.at_least,
            f"{words}the mean ends in the minimum to which gradient descent leads from its start",
            np.mean,
            [true.number(result["fine_mean"]) == path],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_least,
            f"{words}and so do the agents",
            np.mean,
            [agents],
            RELIABLE,
            "share of agents",
            possible=SHARE,
        ),
        sampled(
            Claim.at_most,
            "Sec. 4.2, large k: despite the noise: with the same steps and noise a single agent "
            "leaves that minimum",
            np.mean,
            [true.number(result["alone"]) == true.number(result["alone_path"])],
            0.5,
            "share of agents still there",
            possible=SHARE,
        ),
    ]
