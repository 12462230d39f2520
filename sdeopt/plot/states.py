"""What a picture needs of a run: its states, of those replicas that did not diverge."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError, shown

OF_A_RUN = ("step", "replica", "agent", "dim")
"""The dimensions that a run has; a sweep has those of its grid too."""

DIVERGING = 1e100
"""Numbers beyond have left for infinity: their squares, and an axis up to them, would overflow."""


def states(run: object, name: str) -> xr.DataArray:
    """Return a recorded variable of a run or a sweep."""
    if not isinstance(run, xr.Dataset):
        raise InvalidArgumentError(
            f"a picture of a run needs the dataset that so.simulate or so.sweep returned, "
            f"got {type(run).__name__}."
        )
    if name not in run:
        recorded = ", ".join(str(one) for one in run.data_vars) or "nothing"
        raise InvalidArgumentError(
            f"the run has no {name}, it has {recorded}; let record keep it, as in "
            f'so.record.Every(100, ("{name}",)).'
        )
    return run[name]


def grid_of(values: xr.DataArray) -> list[str]:
    """Return the dimensions of a sweep's grid."""
    return [str(name) for name in values.dims if name not in OF_A_RUN]


def ordered(values: xr.DataArray, names: Sequence[str]) -> xr.DataArray:
    """Return values by rising numbers along the named dimensions; labels keep their order."""
    for name in names:
        if is_numeric(values, name):
            values = values.sortby(name)
    return values


def is_numeric(values: xr.DataArray, name: str) -> bool:
    """Return whether a dimension of a sweep has numbers, and not labels."""
    return values[name].dtype.kind in "iuf"


def clock_of(values: xr.DataArray) -> tuple[xr.DataArray, str]:
    """Return what states are drawn against, and its name; the SDE clock has no iterations."""
    if "iteration" in values.coords:
        return values["step"], "step" if "clock" in values.dims else "iteration"
    if "time" in values.coords:
        return values["time"], "time"
    return values["step"], "step"


def one_run(values: xr.DataArray) -> xr.DataArray:
    """Return states that are not of a sweep, or say how to choose one of its points."""
    grid = grid_of(values)
    if grid:
        raise InvalidArgumentError(
            f"this draws one run, and the dataset is a sweep over {', '.join(grid)}; choose a point, "
            f"as in runs.isel({grid[0]}=0)."
        )
    return values


def over_time(values: xr.DataArray, replica: int) -> xr.DataArray:
    """Return the path of one replica, with its steps first."""
    path = one_run(values)
    if "step" not in path.dims or path.sizes["step"] < 2:
        raise InvalidArgumentError(
            "a path needs states at several steps, and the run kept the last alone; simulate with "
            "record=so.record.Every(100) or so.record.At([...])."
        )
    if replica not in range(path.sizes["replica"]):
        raise InvalidArgumentError(
            f"replica is {replica}, but the run has replicas 0 to {path.sizes['replica'] - 1}."
        )
    return path.isel(replica=replica).transpose("step", ..., "dim")


def at_end(values: xr.DataArray) -> xr.DataArray:
    """Return the states at the last recorded step."""
    return values.isel(step=-1) if "step" in values.dims else values


def at_start(values: xr.DataArray) -> xr.DataArray | None:
    """Return the states at the start, if they were kept."""
    kept = "step" in values.dims and values["step"].values[0] == 0
    return values.isel(step=0) if kept else None


def points(values: xr.DataArray) -> Array:
    """Return states as rows (n, dim), without those that diverged."""
    rows = np.asarray(values.transpose(..., "dim").values, np.float64)
    rows = rows.reshape(-1, values.sizes["dim"])
    finite: Array = rows[np.isfinite(rows).all(axis=1)]
    if not len(finite):
        raise InvalidArgumentError(
            "every replica of the run diverged, and nothing is left to draw."
        )
    return finite


def shown_dims(dims: Sequence[int] | None, dim: int) -> tuple[int, ...]:
    """Return which coordinates are drawn: one or two of them."""
    if dims is None:
        return tuple(range(min(dim, 2)))
    given: Any = dims
    chosen = tuple(given) if np.ndim(given) == 1 and not isinstance(given, str) else ()
    whole = all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in chosen)
    if not (whole and 1 <= len(chosen) <= 2 and len(set(chosen)) == len(chosen)) or not (
        set(chosen) <= set(range(dim))
    ):
        raise InvalidArgumentError(
            f"dims is {shown(given)}, but must name one or two different coordinates of 0 to "
            f"{dim - 1}, as in dims=(0,)."
        )
    return tuple(int(one) for one in chosen)


def squared_distances(values: xr.DataArray) -> xr.DataArray:
    """Return the sum over agents of their squared distances to their mean; NaN once they diverged."""
    with np.errstate(over="ignore", invalid="ignore"):  # on the way to divergence
        return ((values - values.mean("agent")) ** 2).sum(["agent", "dim"], skipna=False)


def average(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the mean over the replicas that did not diverge, and its standard error.

    NaN where none is left, or for the error only one.
    """
    kept = values.where(abs(values) < DIVERGING)
    count: Any = kept.notnull().sum("replica")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of numpy, where no or one replica is left
        return kept.mean("replica"), kept.std("replica", ddof=1) / np.sqrt(count)
