"""How the law of a differential equation changes when its time step is halved.

With e(dt) the difference of the laws at dt and dt/2, a scheme of weak order 1 has e ~ dt. Paths are
shared, so that the difference of two laws is an average of differences. Replicas are in groups, and
every number is a function of averages over groups: errors come from leaving each of them out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sims.sde.comparing import (
    CELLS,
    GROUPS,
    distance,
    distributions,
    group_means,
    group_of,
    jackknifed,
    products_of,
    without,
)
from sims.sde.model import Array, Method, NoisyLoss
from sims.sde.nested_paths import paths, solve

OBSERVED = ("square", "loss", "ripples")
"""E ‖x‖²/n, E f/n, and the part of E f/n that is in the fastest wave."""


@dataclass(frozen=True)
class Halvings:
    """What is compared.

    Parameters
    ----------
    coupling : dict of str to float
        k of each method.
    ticks : int
        When laws are compared.
    levels : tuple of int
        Steps in a tick, each twice the one before.
    replicas : int
        Of each method.
    seed : int
        Of the paths.
    """

    coupling: dict[str, float]
    ticks: int
    levels: tuple[int, ...]
    replicas: int
    seed: int


def halve(problem: NoisyLoss, methods: Sequence[Method], how: Halvings) -> xr.Dataset:
    """Return the differences of all successive levels, by method and group.

    The methods have one tick, so that they can share the paths.
    """
    levels, groups = how.levels, GROUPS
    group = group_of(how.replicas, groups)
    shape = (len(levels), len(methods))
    means, curves = np.zeros((*shape, len(OBSERVED), groups)), np.zeros((*shape, groups, CELLS))
    in_all = np.bincount(group, minlength=groups)
    work = 0
    for path in paths(
        problem, ticks=how.ticks, finest=levels[-1], replicas=how.replicas, seed=how.seed
    ):
        own = group[path.first : path.first + len(path.start)]
        share = np.bincount(own, minlength=groups) / in_all
        for place in np.ndindex(shape):
            method = methods[place[1]]
            run = solve(problem, method, how.coupling[method.name], path, levels[place[0]])
            agents = run["agents"].values
            found = [group_means(one, own, groups) for one in _observed(problem, agents)]
            means[place] += share * np.array(found)
            curves[place] += share[:, None] * distributions(agents, own, groups)
            work += path.work(levels[place[0]])
    return xr.Dataset(
        {
            "change": (("dt", "algorithm", "observable", "group"), np.diff(means, axis=0)),
            "product": (
                ("dt", "algorithm", "group", "other"),
                products_of(np.diff(curves, axis=0)),
            ),
        },
        {
            "observable": list(OBSERVED),
            "algorithm": [method.name for method in methods],
            "dt": methods[0].tick(problem) / np.array(levels[:-1]),
        },
        {"agent_steps": work},
    )


def _observed(problem: NoisyLoss, agents: Array) -> list[Array]:
    """Return what is averaged, for each replica."""
    dim = problem.loss.dim
    heights = problem.loss.value(agents)
    waves = heights - problem.with_ripples(0.0, problem.ripples[1]).loss.value(agents)
    return [(agents**2).mean(axis=(1, 2)), heights.mean(axis=1) / dim, waves.mean(axis=1) / dim]


def sizes(halved: xr.Dataset, observable: str) -> Array:
    """Return the size of a method's change at every dt: of all groups, then without each of them."""
    if observable == "distance":
        products = halved["product"].transpose("dt", "group", "other").values
        groups = products.shape[-1]
        return np.stack([distance(products[:, kept][:, :, kept]) for kept in without(groups)])
    change = halved["change"].sel(observable=observable).transpose("dt", "group").values
    return np.stack([np.abs(change[:, kept].mean(axis=1)) for kept in without(change.shape[-1])])


def order(halved: xr.Dataset, observable: str, low: float, high: float) -> Measured:
    """Return the power of dt with which a method's change goes.

    `low` and `high` are the ends of the range of dt × curvature over which it is fitted.
    """
    number = halved["number"].values
    kept = halved.isel(dt=(number >= low) & (number <= high))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(sizes(kept, observable))
        weights = jackknifed(logs).error ** -2.0
        x = np.log(kept["dt"].values)
        x = x - np.average(x, weights=weights)
        return jackknifed(logs @ (weights * x / (weights * x**2).sum()))
