"""All points of a sweep as one dataset."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.results import provenance
from sdeopt.sweeps.planning import SweepPlan

Array = NDArray[Any]
CLOCKS = ("iteration", "time")
"""Coordinates along the recorded steps."""

Found = dict[tuple[int, ...], xr.Dataset]


def combine(plan: SweepPlan, found: Found, seconds: float, agent_steps: int) -> xr.Dataset:
    """Put the results of all points into one dataset."""
    ticks = _ticks(found.values())
    variables = {
        name: _blank(plan, ticks, [run[name] for run in found.values() if name in run.variables])
        for name in _names(found.values())
    }
    for index in list(found):
        run = found.pop(index)
        for name, variable in variables.items():
            if name in run.variables:
                _put(variable.values[index], run[name], ticks)
    dataset = xr.Dataset(variables, {**ticks, **_axes(plan)})
    made = provenance(
        plan.configuration(), seed=plan.seeds[0], seconds=seconds, agent_steps=agent_steps
    )
    seeds = {"seed": plan.seeds} if len(plan.seeds) > 1 else {}
    return _with_clocks(dataset, plan).assign_attrs(made).assign_attrs(seeds)


def _names(runs: Iterable[xr.Dataset]) -> list[str]:
    """Return the variables of all runs, with the clocks of the recorded steps among them."""
    own = [[*run.data_vars, *(name for name in CLOCKS if name in run.coords)] for run in runs]
    return list(dict.fromkeys(str(name) for names in own for name in names))


def _ticks(runs: Iterable[xr.Dataset]) -> dict[str, xr.Variable]:
    """Return the coordinate of every dimension of a run: all labels that occur in one."""
    occurring: dict[str, xr.Variable] = {}
    for run in runs:
        for dim in map(str, run.dims):
            coordinate = run[dim].variable
            known = occurring.setdefault(dim, coordinate)
            if not np.array_equal(known.values, coordinate.values):
                union = np.union1d(known.values, coordinate.values)
                occurring[dim] = xr.Variable((dim,), union, coordinate.attrs)
    return occurring


def _blank(
    plan: SweepPlan, ticks: Mapping[str, xr.Variable], given: list[xr.DataArray]
) -> xr.Variable:
    """Return the variable over the whole sweep, to be filled from those of its points."""
    dims, attributes = given[0].dims, dict(given[0].attrs)
    lacking = [dim for dim in dims if any(one.sizes[dim] < ticks[str(dim)].size for one in given)]
    kind = np.result_type(*(one.dtype for one in given))
    shape = _shape(plan) + tuple(ticks[str(dim)].size for dim in dims)
    names = (*(axis.name for axis in plan.axes), *dims)
    if not lacking and len(given) == len(plan.points):
        return xr.Variable(names, np.empty(shape, kind), attributes)
    what = " and ".join(f"shorter in {dim}" for dim in lacking) or "without this variable"
    attributes["padding"] = f"NaN at points of the sweep that are {what}"
    return xr.Variable(names, np.full(shape, np.nan, np.result_type(kind, np.float64)), attributes)


def _put(target: Array, source: xr.DataArray, ticks: Mapping[str, xr.Variable]) -> None:
    """Copy the values of one point to where their labels are; labels stand in any order."""
    places = [ticks[str(dim)].to_index().get_indexer(source[dim].to_index()) for dim in source.dims]
    target[np.ix_(*places)] = source.values


def _axes(plan: SweepPlan) -> dict[str, xr.Variable]:
    """Return the coordinates of the sweep, and the seeds where every point has one of its own."""
    names = tuple(axis.name for axis in plan.axes)
    coordinates = {
        axis.name: xr.Variable((axis.name,), np.array(axis.labels), {"long_name": axis.meaning})
        for axis in plan.axes
    }
    if not plan.same_noise:
        seeds = np.zeros(_shape(plan), np.uint64)
        for point in plan.points:
            seeds[point.index] = point.arguments["seed"]
        note = {"long_name": "seed that repeats the point with sdeopt.simulate"}
        coordinates["point_seed"] = xr.Variable(names, seeds, note)
    return coordinates


def _with_clocks(dataset: xr.Dataset, plan: SweepPlan) -> xr.Dataset:
    """Make clocks of the recorded steps coordinates, along steps alone if all points agree."""
    axes = [axis.name for axis in plan.axes]
    for name in CLOCKS:
        if name not in dataset:
            continue
        clock = dataset[name]
        first, last = clock.min(axes), clock.max(axes)
        shared = first.assign_attrs({k: v for k, v in clock.attrs.items() if k != "padding"})
        if not first.equals(last):
            shared = clock
        elif name == "iteration":
            shared = shared.astype(np.int64)
        dataset = dataset.assign_coords({name: shared})
    return dataset


def _shape(plan: SweepPlan) -> tuple[int, ...]:
    return tuple(len(axis.labels) for axis in plan.axes)
