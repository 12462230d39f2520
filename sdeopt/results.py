"""Results as datasets: assembled, saved, and read back equal."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import dask.config
import numba
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.arguments import path_of
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.files import atomic_path
from sdeopt.storable import check_kept, storable, with_times
from sdeopt.version import __version__

__all__ = ["build_dataset", "load", "provenance", "save"]

Variables: TypeAlias = Mapping[str, tuple[tuple[str, ...], NDArray[Any], Mapping[str, str]]]
"""Dimensions, values and attributes by name."""

AXES = {
    "replica": "number of the independent copy",
    "agent": "number of the agent within its replica",
    "dim": "coordinate of the parameter vector",
    "dim_2": "coordinate of the parameter vector",
}

SUFFIXES = (".nc", ".zarr")

STORES = (".zgroup", "zarr.json")
"""Files that only a folder in Zarr has, by the version of the format."""


def build_dataset(
    variables: Variables,
    *,
    steps: NDArray[np.int64],
    times: NDArray[np.float64] | None,
    configuration: Mapping[str, Any],
    seed: int,
    seconds: float,
    agent_steps: int,
    bins: Mapping[str, NDArray[np.float64]] | None = None,
    axes: Mapping[str, tuple[NDArray[Any], Mapping[str, str]]] | None = None,
    iterations: NDArray[np.int64] | None = None,
) -> xr.Dataset:
    """Put the arrays of a finished run into a dataset with names, units and provenance.

    Parameters
    ----------
    variables : mapping
        ``{name: (dimensions, array, attributes)}``; attributes are ``long_name`` and ``units``.
    steps, times : numpy.ndarray
        Number and time of the recorded steps: coordinates where a variable has dimension ``step``.
        No time on the iteration clock where the step size is not constant.
    configuration, seed, seconds, agent_steps
        See `sdeopt.results.provenance`.
    bins : mapping, optional
        Lower edges of the bins by dimension, for histograms.
    axes : mapping, optional
        Coordinates of further dimensions, with their attributes.
    iterations : numpy.ndarray, optional
        On the iteration clock, what schedules are functions of.

    Returns
    -------
    xarray.Dataset
        Every dimension has a coordinate.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.results import build_dataset
    >>> run = build_dataset(
    ...     {"loss": (("step", "replica"), np.zeros((1, 3)), {"units": "loss units"})},
    ...     steps=np.array([10]), times=np.array([0.5]), configuration={"agents": 2},
    ...     seed=7, seconds=0.5, agent_steps=60)
    >>> run.loss.dims, run.step.item(), run.attrs["seed"]
    (('step', 'replica'), 10, 7)
    """
    edges = bins or {}
    sizes: dict[str, int] = {}
    for names, array, _ in variables.values():
        sizes |= zip(names, array.shape, strict=True)
    coordinates: dict[str, Any] = {}
    for name, size in sizes.items():
        if name == "step":
            note = {"long_name": "number of completed iterations", "units": "iterations"}
            coordinates["step"] = ("step", steps, note)
            if iterations is not None:
                clock = {"long_name": "argument of the schedules", "units": "iterations"}
                coordinates["iteration"] = ("step", iterations, clock)
            if times is not None:
                product = "" if iterations is None else ", iteration times step size"
                clock = {"long_name": f"time of the gradient flow{product}", "units": "time"}
                coordinates["time"] = ("step", times, clock)
        elif axes and name in axes:
            coordinates[name] = (name, *axes[name])
        elif name in edges:
            note = {"long_name": "lower edge of the bin", "units": "parameter units"}
            coordinates[name] = (name, edges[name], note)
        else:
            note = {"long_name": AXES.get(name, name), "units": "1"}
            coordinates[name] = (name, np.arange(size), note)
    made = provenance(configuration, seed=seed, seconds=seconds, agent_steps=agent_steps)
    # in one call: coordinates assigned later are aligned with the variables, which takes as long again
    return xr.Dataset({name: tuple(given) for name, given in variables.items()}, coordinates, made)


def provenance(
    configuration: Mapping[str, Any], *, seed: int, seconds: float, agent_steps: int
) -> dict[str, str | int | float]:
    """Return the attributes that record how a dataset was made.

    Parameters
    ----------
    configuration : mapping
        Everything that decides the result, as plain JSON values.
    seed : int
        The seed, as an attribute of its own.
    seconds : float
        How long the run took.
    agent_steps : int
        Replicas × agents × steps done in that time.

    Returns
    -------
    dict
        Strings and numbers only, as files can hold them.

    Examples
    --------
    >>> from sdeopt.results import provenance
    >>> made = provenance({"agents": 2}, seed=7, seconds=0.5, agent_steps=1000)
    >>> made["configuration"], made["agent_steps_per_second"]
    ('{"agents": 2}', 2000.0)
    """
    return {
        "sdeopt_version": __version__,
        "seed": seed,
        "configuration": json.dumps(configuration, ensure_ascii=False),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
        "numba_version": numba.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "run_seconds": float(seconds),
        "agent_steps_per_second": float(agent_steps / seconds) if seconds > 0 else 0.0,
    }


def save(dataset: xr.Dataset, path: str | os.PathLike[str], *, compress: bool = False) -> None:
    """Write a dataset to a file, all of it or nothing.

    Parameters
    ----------
    dataset : xarray.Dataset
        E.g. what `sdeopt.simulate` returned.
    path : path-like
        Ending in ``.nc`` (netCDF 4, one file) or ``.zarr`` (a folder, from which programs can read
        parts). What is there is replaced.
    compress : bool
        Make a netCDF file smaller, at the price of time; Zarr compresses always.

    Raises
    ------
    InvalidArgumentError
        For another ending, and for a name or an attribute that a file cannot hold.
    OutputError
        If it cannot be written; `path` is then as it was before.

    Notes
    -----
    Files cannot hold every kind of attribute: None is left out, a bool is written as
    ``"true"`` or ``"false"``, a dictionary as JSON, and a list of one entry as the entry; other
    objects are refused. Where `path` is a symbolic link, what it points to is replaced. What
    `sdeopt.simulate` returns needs none of this and is read back identical.

    Examples
    --------
    >>> import tempfile
    >>> import xarray as xr
    >>> import sdeopt.results as results
    >>> path = tempfile.mkdtemp() + "/run.nc"
    >>> results.save(xr.Dataset({"loss": ("replica", [1.0, 2.0])}), path)
    >>> results.load(path).loss.values
    array([1., 2.])
    """
    target, suffix = _checked(path)
    held = storable(dataset)
    try:
        files = _files(held, suffix, compress)
    except Exception as problem:  # each library under xarray has its own errors
        raise InvalidArgumentError(
            f"the dataset cannot be kept in {suffix}: {' '.join(str(problem).split())[:200]}; "
            "change what this names."
        ) from problem
    with _opened(files[""] if suffix == ".nc" else files, suffix) as found:
        check_kept(held, found)
    refuse_folder(target)
    with atomic_path(target) as temporary:
        for place, content in files.items():
            file = temporary / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if suffix == ".nc" else content.to_bytes())


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a dataset that `save` wrote, into memory.

    Parameters
    ----------
    path : path-like
        Ending in ``.nc`` or ``.zarr``.

    Returns
    -------
    xarray.Dataset
        Equal to the saved one, attributes included.

    Raises
    ------
    InvalidArgumentError
        For another ending.
    OutputError
        If there is no such file, or it is not whole.

    Examples
    --------
    >>> import sdeopt.results as results
    >>> results.load("missing.nc")
    Traceback (most recent call last):
        ...
    sdeopt.errors.OutputError: there is no file missing.nc; check the path.
    """
    target, suffix = _checked(path)
    if not target.exists():
        raise OutputError(f"there is no file {target}; check the path.")
    try:
        with _opened(target, suffix) as dataset:
            return with_times(dataset.load())
    except Exception as problem:  # each library under xarray has its own errors for a broken file
        kind = "Zarr folder" if suffix == ".zarr" else "netCDF file"
        raise OutputError(
            f"{target} cannot be read as a {kind}: it is damaged or something else; "
            "write it again with sdeopt.results.save."
        ) from problem


def refuse_folder(target: Path) -> None:
    """Refuse to write results in the place of a folder of other things."""
    if target.is_dir() and not (target.suffix == ".zarr" and _is_store(target)):
        raise OutputError(
            f"{target} is a folder that holds something else than results, which would be lost; give "
            "another path."
        )


def _checked(path: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return the path and its ending, one of the two known."""
    target = path_of(path, "path")
    if target.suffix not in SUFFIXES:
        raise InvalidArgumentError(
            f"{target} ends in '{target.suffix}'; results are kept in .nc or .zarr."
        )
    return target, target.suffix


def _is_store(folder: Path) -> bool:
    """Return whether a folder is empty or holds a dataset in Zarr."""
    return any((folder / name).exists() for name in STORES) or not any(folder.iterdir())


def _files(dataset: xr.Dataset, suffix: str, compress: bool) -> dict[str, Any]:
    """Return the content of every file by its place under the path; "" is the path itself.

    The libraries write to memory, and `save` to the disk, because neither survives a full disk:
    HDF5 crashes the process when it closes the file, Zarr's threads go on writing after the error.
    """
    if suffix == ".nc":
        # with a cluster xarray requests a lock from it, which does not exist for memory
        numbers = [n for n in dataset.variables if compress and dataset[n].dtype.kind in "biuf"]
        wanted = {n: {"zlib": True, "complevel": 9} for n in numbers if dataset[n].ndim}
        with dask.config.set(scheduler="synchronous"):
            return {"": dataset.to_netcdf(engine="h5netcdf", encoding=wanted)}
    pages: dict[str, Any] = {}
    # Format 3 has no stable text type yet, and sweeps have text coordinates.
    dataset.to_zarr(pages, zarr_format=2, consolidated=False)
    return pages


def _opened(source: Any, suffix: str) -> xr.Dataset:
    """Return the dataset in a file, a folder, or what `_files` gave for one."""
    options: dict[str, Any] = {"engine": "h5netcdf"}
    if suffix == ".zarr":
        options = {"engine": "zarr", "consolidated": False}
    # A parameter in "seconds" stays a number, and "steps since start" is no date.
    return xr.open_dataset(source, decode_times=False, decode_timedelta=False, **options)
