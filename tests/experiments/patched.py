"""Wrong simulations that several comparisons with theory must notice."""

import dataclasses
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Configuration
from sims.distances.measuring import DistanceConfiguration, measure_distances
from sims.shared.setting import Setting

Simulate = Callable[[Any], xr.Dataset]
Wrong = Callable[[xr.Dataset, pytest.MonkeyPatch], xr.Dataset]


def few_settings(
    quick: DistanceConfiguration, coupling: tuple[float, ...], **changes: Any
) -> DistanceConfiguration:
    """Return the settings of a quick run, fewer and measured more coarsely: a second or two."""
    return dataclasses.replace(
        quick,
        fewer_replicas=40,
        single_replicas=32,
        band=0.1,
        coupling=coupling,
        usual_coupling=coupling[-1],
        agents=(2, 8),
        step_size=(0.1,),
        dim=(2,),
        **changes,
    )


def with_step_size(simulate: Simulate, small: Configuration, factor: float) -> Wrong:
    """Simulate with another learning rate, so that noise is larger or smaller than it should be."""

    def wrong(result: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
        as_it_is = so.simulate

        def scaled(*given: Any, step_size: Any, **arguments: Any) -> xr.Dataset:
            return as_it_is(*given, step_size=factor * step_size, **arguments)

        monkeypatch.setattr(so, "simulate", scaled)
        return simulate(small)

    return wrong


def with_algorithm(
    simulate: Simulate, small: Configuration, name: str, algorithm: Callable[..., Any]
) -> Wrong:
    """Simulate another algorithm under the name of one."""

    def wrong(result: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
        monkeypatch.setattr(so, name, algorithm)
        return simulate(small)

    return wrong


def one_agents_noise(result: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    """Distances as if all agents had the same noise: that of x• is then that of one agent."""
    names = ("distance", "distance_error")
    return result.assign({name: result[name] * result["agents"] ** 0.5 for name in names})


def at_one_setting(
    method: ModuleType, setting: Setting, statistics: Sequence[str], name: str, algorithm: Any
) -> Wrong:
    """Measure distances by another algorithm at one setting of a quick result."""

    def wrong(result: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
        monkeypatch.setattr(so, name, algorithm)
        found = measure_distances(
            [setting],
            method.bounds,
            method.forget,
            window=lambda setting: method.QUICK.window,
            replicas=method.QUICK.replicas,
            fewer_replicas=method.QUICK.replicas,
            seed=7,
            statistics=statistics,
        )
        return with_setting(result, found)

    return wrong


def with_setting(
    result: xr.Dataset, wrong: xr.Dataset, place: Setting | None = None, table: str = ""
) -> xr.Dataset:
    """Return a result in which what is measured at one setting is replaced.

    The row, in the main table or that named, is found by the parameters of `wrong`, a table of one
    setting alone; or by those of another setting, whose place it takes.
    """
    prefix = f"{table}_" if table else ""
    names = ("family", "dim", "agents", "coupling", "step_size", "shown")
    wanted = {name: wrong[prefix + name].item() for name in names}
    if place is not None:
        wanted = {name: getattr(place, name) for name in names}
    rows = [
        row
        for row in range(result.sizes[f"{prefix}setting"])
        if all(result[prefix + name].values[row] == value for name, value in wanted.items())
    ]
    assert len(rows) == 1
    for name in wrong.data_vars:
        result[name][rows[0]] = wrong[name].item()
    return result
