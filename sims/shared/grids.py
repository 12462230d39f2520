"""Settings around a usual one: which parameters are varied together, and for which picture."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sims.shared.setting import Setting

S = TypeVar("S", bound=Setting)


def varied(usual: S, shown: str, **values: Sequence[Any]) -> list[S]:
    """Return every combination of some parameters, the others as usual."""
    return [
        replace(usual, shown=shown, **dict(zip(values, chosen, strict=True)))
        for chosen in itertools.product(*values.values())
    ]


def columns(settings: Sequence[Setting]) -> xr.Dataset:
    """Return the fields of settings as columns along ``setting``."""
    return with_numbers(xr.Dataset(), [asdict(setting) for setting in settings])


def with_measured(table: xr.Dataset, name: str, found: Sequence[Measured]) -> xr.Dataset:
    """Return a table with what was measured at each setting, as `Measured.read` takes it."""
    rows = [
        {name: float(one.value), f"{name}_error": float(one.error), "replicas": float(one.replicas)}
        for one in found
    ]
    return with_numbers(table, rows)


def with_numbers(table: xr.Dataset, rows: Sequence[Mapping[str, Any]]) -> xr.Dataset:
    """Return a table with more columns, given row by row in the order of the settings."""
    return table.assign(
        {name: ("setting", np.array([row[name] for row in rows])) for name in rows[0]}
    )


def part(result: xr.Dataset, name: str) -> xr.Dataset:
    """Return the table whose names all begin with ``<name>_`` in a result, under short names."""
    prefix = f"{name}_"
    own = [str(key) for key in result.data_vars if str(key).startswith(prefix)]
    return result[own].rename({key: key.removeprefix(prefix) for key in (*own, f"{name}_setting")})


def as_part(table: xr.Dataset, name: str) -> xr.Dataset:
    """Return a table with ``<name>_`` before all names, to be merged with others."""
    return table.rename({key: f"{name}_{key}" for key in (*map(str, table.data_vars), "setting")})


def prefixed(result: xr.Dataset, name: str) -> xr.Dataset:
    """Return a result with ``<name>_`` before all its names, those of dimensions and coordinates too."""
    return result.rename({key: f"{name}_{key}" for key in _names(result)})


def unprefixed(result: xr.Dataset, name: str) -> xr.Dataset:
    """Return what `prefixed` was given, out of a result in which it was merged with others."""
    prefix = f"{name}_"
    own = result[[key for key in result.data_vars if str(key).startswith(prefix)]]
    return own.rename(
        {key: key.removeprefix(prefix) for key in _names(own) if key.startswith(prefix)}
    )


def _names(result: xr.Dataset) -> set[str]:
    return {str(key) for key in (*result.variables, *result.dims)}


def of_family(result: xr.Dataset, name: str) -> xr.Dataset:
    """Return the settings of a family of losses."""
    return result.isel(setting=(result["family"] == name).values)


def shown(result: xr.Dataset, name: str, family: str = "") -> xr.Dataset:
    """Return the settings that were made for one picture, of one family if it is named."""
    runs = result.isel(setting=(result["shown"] == name).values)
    return of_family(runs, family) if family else runs
