"""A falling step size on the coupled loss, from the clouds of agents in Figs 5(c, d): Sec. 4.3.

The text calls these clouds "starting points" from which a schedule of the learning rate could go on
to the minima of the uncorrupted or the non-smoothed loss. The non-smoothed one is the loss itself:
where gradient descent without noise leads from the mean is the minimum that the mean is at.
"""

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.coupled.model import CoupledConfiguration
from sims.coupled.pairs import Clusters
from sims.shared.measures import RELIABLE, rises, sampled
from sims.shared.panels import coupling_of

SETUP = (
    "From the final agents of the middle couplings the runs go on, not drawn, with a step size that is "
    "halved at once and four times in all, and then held."
)

DESCENT = (4_000, 2e-3)
"""Steps and step size of gradient descent to the next minimum: times the largest curvature, a third."""


EVERY, HALVINGS = 400, 4
"""Steps between halvings, and how many there are, the first at once."""


def with_schedule(configuration: CoupledConfiguration, result: xr.Dataset) -> xr.Dataset:
    """Add, for the middle couplings, means and agents after the schedule, and minima of the loss."""
    chosen = result.isel(coupling=(result["role"] == "middle").values)
    couplings = chosen["coupling"].values.tolist()
    runs = [_continued(configuration, k, chosen["agents"].sel(coupling=k)) for k in couplings]
    work = len(runs) * configuration.replicas * configuration.agents * EVERY * HALVINGS
    seconds = sum(run.attrs["run_seconds"] for run in runs)
    final = configuration.step_size * configuration.half_width / 2.0**HALVINGS
    found = xr.concat(runs, dim="middle", combine_attrs="drop") if runs else xr.Dataset()
    assigned = result.assign(found.data_vars).assign(final_reach=final)
    return assigned.assign_coords(middle=couplings).assign_attrs(
        run_seconds=result.attrs["run_seconds"] + seconds,
        agent_steps=result.attrs["agent_steps"] + work,
    )


def _continued(configuration: CoupledConfiguration, k: float, final: xr.DataArray) -> xr.Dataset:
    """Go on from the final agents of a panel with a falling step size."""
    agents = final.transpose("replica", "agent", "dim").reset_coords(drop=True)
    loss, half = configuration.loss(), configuration.step_size / 2.0
    smaller = so.schedules.Halving(half, every=EVERY, times=HALVINGS - 1)
    run = so.simulate(
        loss,
        so.QSGD(k),
        noise=configuration.noise(),
        agents=configuration.agents,
        replicas=configuration.replicas,
        steps=EVERY * HALVINGS,
        step_size=smaller,
        start=so.start.Point(agents.values),
        seed=configuration.seed + 1,
    )
    before, after = agents.mean("agent"), run["mean"]
    minimum = [_next_minimum(loss, mean.values) for mean in (before, after)]
    away = [
        np.sqrt(((some - one[:, None]) ** 2).mean(axis=(1, 2)))
        for some, one in zip((agents.values, run["agents"].values), minimum, strict=True)
    ]
    return xr.Dataset(
        {
            "cloud_mean": before,
            "halved_mean": after,
            "cloud_minimum": (("replica", "dim"), minimum[0]),
            "halved_minimum": (("replica", "dim"), minimum[1]),
            "cloud_away": ("replica", away[0]),
            "halved_away": ("replica", away[1]),
            "cloud_loss": ("replica", loss.value(before.values)),
            "halved_loss": ("replica", loss.value(after.values)),
        },
        attrs={"run_seconds": run.attrs["run_seconds"]},
    )


def _next_minimum(loss: so.losses.CoupledWells, points: np.ndarray) -> np.ndarray:
    """Return the minima of the loss to which gradient descent leads."""
    steps, step_size = DESCENT
    start = so.start.Point(points[:, None])
    run = so.simulate(
        loss, so.SGD(), steps=steps, step_size=step_size, start=start, replicas=len(points)
    )
    return np.asarray(run["mean"].values)


def reaches_minima(result: xr.Dataset, clusters: Clusters) -> list[Claim]:
    """Claim that with a falling step size means, and agents, go on to minima of the true loss."""
    found = []
    for k in result["middle"].values:
        panel = result[[name for name in result if "middle" in result[name].dims]].sel(middle=k)
        found += _reached(panel.assign_coords(coupling=k), float(result["final_reach"]), clusters)
    return found


def _reached(panel: xr.Dataset, reach: float, clusters: Clusters) -> list[Claim]:
    words = f"Sec. 4.3, Figs 5(c, d) with a falling step size, at {coupling_of(panel)}"
    mean, minimum = panel["halved_mean"].values, panel["halved_minimum"].values
    before = np.abs(panel["cloud_mean"].values - panel["cloud_minimum"].values).max(axis=-1)
    return [
        sampled(
            Claim.at_least,
            f"{words}: the mean reaches a minimum of the true loss, along every coordinate within the "
            f"last step’s reach of {reach:.3f} (share before: {np.mean(before <= reach):.2f})",
            np.mean,
            [np.abs(mean - minimum).max(axis=-1) <= reach],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_least,
            f"{words}: these minima are those near the minima of the uncorrupted loss",
            np.mean,
            [clusters.near(minimum)],
            RELIABLE,
            "share of pairs",
            possible=SHARE,
        ),
        rises(
            f"{words}: the loss of the mean falls further (from {panel['cloud_loss'].mean():.2f} to "
            f"{panel['halved_loss'].mean():.2f})",
            panel["halved_loss"].values,
            panel["cloud_loss"].values,
        ),
        sampled(
            Claim.at_most,
            f"{words}: the agents gather at that minimum too (root mean square distance along a "
            f"coordinate before: {panel['cloud_away'].mean():.3f})",
            np.mean,
            [panel["halved_away"].values],
            2.0 * reach,
            "root mean square distance along a coordinate",
        ),
    ]
