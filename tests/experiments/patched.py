"""Wrong simulations that several comparisons with theory must notice."""

from collections.abc import Callable
from typing import Any

import pytest
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Configuration

Simulate = Callable[[Any], xr.Dataset]
Wrong = Callable[[xr.Dataset, pytest.MonkeyPatch], xr.Dataset]


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
