"""What the comparisons of Theorems 5.1, 5.2 and 5.3 vary, and how precisely they measure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from sdeopt.experiment import Configuration
from sims.comparison.distances import Bounds, measure_distances, measure_terms
from sims.comparison.grids import S, varied

__all__ = ["BENT", "DistanceConfiguration", "measure_all", "settings_around"]

BENT = ("log-cosh", "slanted")
"""Losses that are not quadratic, so that there is distortion."""


@dataclass(frozen=True, kw_only=True)
class DistanceConfiguration(Configuration):
    """Which settings, and how precisely each is measured.

    Parameters
    ----------
    replicas, fewer_replicas : int
        Of every setting where the exact value is known, and where it is not.
    single_replicas : int
        Of coupled agents beside a single agent on the same noise.
    window : float
        The time that is averaged over, in units of 1/(rate of the theorem).
    band : float
        The share by which a measured value may differ from the exact one.
    couplings, agents, step_sizes, dims : tuple
        k, p, η and n where they are varied.
    coupled_agents, quadratic_agents : tuple of int
        p where k is varied, and where p is varied on quadratics.
    coupling, step_size, dim, middle_agents
        k, η, n and p where they are not varied.
    """

    replicas: int
    fewer_replicas: int
    single_replicas: int
    window: float
    band: float
    couplings: tuple[float, ...]
    agents: tuple[int, ...] = (1, 2, 4, 8, 32)
    step_sizes: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0)
    dims: tuple[int, ...] = (1, 2, 4, 8)
    coupled_agents: tuple[int, ...] = (2, 8)
    quadratic_agents: tuple[int, ...] = (1, 4, 16)
    coupling: float = 1.0
    step_size: float = 0.1
    dim: int = 2
    middle_agents: int = 8

    def usual(self, kind: Callable[..., S]) -> S:
        """Return what is not varied, as a setting of a method."""
        return kind("log-cosh", self.dim, self.middle_agents, self.coupling, self.step_size)


def settings_around(usual: S, flat: Sequence[str], given: DistanceConfiguration) -> list[S]:
    """Return p and k for quadratics and the usual loss, then η and n for the latter.

    Parameters
    ----------
    usual : Setting
        What is not varied.
    flat : sequence of str
        The families of quadratics.
    given : DistanceConfiguration
        What is varied.

    Returns
    -------
    list of Setting
        Of the kind of `usual`.
    """
    few, k = given.coupled_agents, given.couplings
    return [
        *varied(usual, "coupling", family=[*flat, usual.family], agents=few, coupling=k),
        *varied(usual, "agents", family=flat, agents=given.quadratic_agents),
        *varied(usual, "agents", agents=given.agents),
        *varied(usual, "step_size", step_size=given.step_sizes),
        *varied(usual, "dim", dim=given.dims),
    ]


def measure_all(
    chosen: Sequence[Any],
    bounds: Bounds,
    forget: Callable[[Any], float],
    window: Callable[[Any], float],
    given: DistanceConfiguration,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Measure distances at all settings, and both terms at those with distortion.

    Parameters
    ----------
    chosen, bounds, forget, window, statistics
        As for `sims.comparison.distances.measure_distances`.
    given : DistanceConfiguration
        How precisely.

    Returns
    -------
    xarray.Dataset
        Along ``setting`` and ``single_setting``, what `sims.comparison.distances` describes; and
        ``band``.
    """
    main = measure_distances(
        chosen,
        bounds,
        forget,
        window=window,
        replicas=given.replicas,
        fewer_replicas=given.fewer_replicas,
        seed=given.seed,
        statistics=statistics,
    )
    single = measure_terms(
        [one for one in chosen if one.family in BENT and one.agents > 1],
        bounds,
        forget,
        window=window,
        replicas=given.single_replicas,
        seed=given.seed + 1000,
    )
    work = main.attrs["agent_steps"] + single.attrs["agent_steps"]
    return main.merge(single).assign(band=given.band).assign_attrs(agent_steps=work)
