"""How far the mean is from the minimizer, at many settings: measured, exact, and both terms apart.

Let dz = −∇f(z) dt + √(η/b) (1/p) Σ B dWⁱ be driven by the average noise of the agents. Then
d(x• − z) = −(∇f(x•) − ∇f(z)) dt + ε dt without noise, so that E‖x• − z‖ ≤ sup E‖ε‖ / l after
transients, and z is SGD with p times the batch: each term of Thm 5.1 bounds one distance. With EASGD
and with momentum z comes with its own x~ or velocity, and the terms of Thms 5.2 and 5.3 bound the
distances of both together.

Columns of a result: `distance`, `square`, the parts `position`, `quorum`, `velocity`, `spread` and
`distortion` E‖ε‖ are measured; `bound`, `spread_bound` and `distortion_bound` bound the first and the
last two; in the table `single`, `distortion_term` bounds `apart`, E‖x• − z‖, and `noise_term` bounds
`alone`, E‖z − x*‖.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.experiments.measured import Measured
from sdeopt.increments import Increments, brownian
from sims.shared.configuration import GridConfiguration
from sims.shared.grids import (
    S,
    as_part,
    columns,
    of_family,
    part,
    varied,
    with_measured,
    with_numbers,
)
from sims.shared.linear import mean_length
from sims.shared.setting import BETWEEN, Setting
from sims.shared.stationary import SNAPSHOTS, measure, simulate_sde, snapshots_at, state_of

BENT = ("log-cosh", "slanted")
"""Losses that are not quadratic, so that there is distortion."""

STATISTICS = {"synchronization": "spread", "distortion": "distortion"}
"""What is averaged along with the distances where it is asked for, and the names of the columns."""

LARGEST = 4_000_000
"""Numbers in a noise path that is held at once."""

Bounds: TypeAlias = Callable[[Any], Mapping[str, float]]
"""From a setting to columns of bounds."""

Time: TypeAlias = Callable[[Any], float]
"""From a setting to the time that is discarded, or averaged over."""


@dataclass(frozen=True, kw_only=True)
class DistanceConfiguration(GridConfiguration):
    """Which settings, and how precisely each is measured; `GridConfiguration` has the others.

    Parameters
    ----------
    replicas, fewer_replicas : int
        Of every setting where the exact value is known, and where it is not.
    single_replicas : int
        Of coupled agents and a single agent on the same noise.
    window : float
        The time that is averaged over, in units of 1/(rate of the theorem).
    band : float
        The share by which a measured value may differ from the exact one.
    agents_on_quadratics : tuple of int
        p where it is varied on quadratics.
    """

    replicas: int
    fewer_replicas: int
    single_replicas: int
    window: float
    band: float
    agents: tuple[int, ...] = (1, 2, 4, 8, 32)
    agents_with_coupling: tuple[int, ...] = (2, 8)
    agents_on_quadratics: tuple[int, ...] = (1, 4, 16)


def settings_around(usual: S, flat: Sequence[str], given: DistanceConfiguration) -> list[S]:
    """Return p and k for quadratics and the usual loss, then η and n for the latter."""
    few, k = given.agents_with_coupling, given.coupling
    return [
        *varied(usual, "coupling", family=[*flat, usual.family], agents=few, coupling=k),
        *varied(usual, "agents", family=flat, agents=given.agents_on_quadratics),
        *varied(usual, "agents", agents=given.agents),
        *varied(usual, "step_size", step_size=given.step_size),
        *varied(usual, "dim", dim=given.dim),
    ]


def measure_all(
    chosen: Sequence[Any],
    bounds: Bounds,
    forget: Time,
    window: Time,
    given: DistanceConfiguration,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Measure distances at all settings, and both terms at those with distortion."""
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


def measure_distances(
    chosen: Sequence[Setting],
    bounds: Bounds,
    forget: Time,
    *,
    window: Time,
    replicas: int,
    fewer_replicas: int,
    seed: int,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Measure the distance of mean, x~ and velocity from the minimizer, together and each alone."""
    rows = [{**bounds(setting), **_exact(setting)} for setting in chosen]
    found, work = [], 0
    for number, (setting, row) in enumerate(zip(chosen, rows, strict=True)):
        run = measure(
            setting,
            statistics=statistics,
            spread=row["bound"] ** 2 / setting.dim,
            forget=forget(setting),
            window=window(setting),
            replicas=fewer_replicas if np.isnan(row["exact"]) else replicas,
            # Noise of its own for every setting, so that errors are independent.
            seed=seed + number,
            snapshots=SNAPSHOTS,
        )
        found.append(_columns(run, statistics))
        work += run.attrs["agent_steps"]
    table = columns(chosen)
    for name in found[0]:
        table = with_measured(table, name, [one[name] for one in found])
    return with_numbers(table, rows).assign_attrs(agent_steps=work)


def _columns(run: xr.Dataset, statistics: Sequence[str]) -> dict[str, Measured]:
    state = run["state"]
    squares = (state**2).sum("dim")
    whole = squares.sum("part")
    numbers = {"distance": whole**0.5, "square": whole}
    if state.sizes["part"] > 1:
        numbers |= {str(part): squares.sel(part=part) ** 0.5 for part in state["part"].values}
    numbers |= {STATISTICS[name]: run[name] for name in statistics}
    return {name: Measured.of(one.mean("step").values) for name, one in numbers.items()}


def _exact(setting: Setting) -> dict[str, float]:
    parts = setting.method().state
    moments = setting.moments()
    names = ("exact", "exact_square", "exact_spread", *(f"exact_{part}" for part in parts))
    if moments is None:
        return dict.fromkeys(names, np.nan)
    observed, n = moments.together, setting.dim
    lengths = [
        mean_length(observed[i * n : (i + 1) * n, i * n : (i + 1) * n]) for i in range(len(parts))
    ]
    values = (mean_length(observed), float(np.trace(observed)), float(moments.spread), *lengths)
    return dict(zip(names, values, strict=True))


def measure_terms(
    chosen: Sequence[Setting],
    bounds: Bounds,
    forget: Time,
    *,
    window: Time,
    replicas: int,
    seed: int,
) -> xr.Dataset:
    """Measure what distortion and noise each do, by a single agent on the same noise."""
    rows = [bounds(setting) for setting in chosen]
    runs = [
        split_distance(
            setting,
            distance=row["bound"],
            forget=forget(setting),
            window=window(setting),
            replicas=replicas,
            seed=seed + number,
        )
        for number, (setting, row) in enumerate(zip(chosen, rows, strict=True))
    ]
    table = columns(chosen)
    for name in ("apart", "alone"):
        table = with_measured(table, name, [Measured.of(run[name].values) for run in runs])
    work = sum(run.attrs["agent_steps"] for run in runs)
    return as_part(with_numbers(table, rows), "single").assign_attrs(agent_steps=work)


def split_distance(
    setting: Setting, *, distance: float, forget: float, window: float, replicas: int, seed: int
) -> xr.Dataset:
    """Simulate a method and a single agent z on the same noise; return x• − z and z − x*."""
    dt = setting.dt()
    early = BETWEEN * int(np.ceil(forget / (dt * BETWEEN)))
    between = BETWEEN * max(1, int(np.ceil(window / (dt * BETWEEN * SNAPSHOTS))))
    steps = early + between * SNAPSHOTS
    kept = tuple(range(early + between, steps + 1, between))
    most = max(1, LARGEST // (steps * setting.agents * setting.dim))
    parts, alone = [], setting.alone()
    for first in range(0, replicas, most):
        count = min(most, replicas - first)
        # Replicas of one path are numbered from 0, so every path needs a seed of its own.
        path = brownian(steps, count, setting.agents, setting.dim, dt, seed=seed + 100_000 * first)
        x = _path(setting, kept, path, distance)
        z = _path(alone, kept, _averaged(path, alone.agents), distance)
        axes = (-2, -1)
        parts.append((np.linalg.norm(x - z, axis=axes), np.linalg.norm(z, axis=axes)))
    apart, noise = (
        np.concatenate(found, axis=1).mean(axis=0) for found in zip(*parts, strict=True)
    )
    return xr.Dataset(
        {"apart": ("replica", apart), "alone": ("replica", noise)},
        attrs={"agent_steps": steps * (setting.agents + alone.agents) * replicas},
    )


def _averaged(path: Increments, agents: int) -> Increments:
    """Return a path that gives each of some agents the average noise of another path."""
    values, areas = (
        None if given is None else np.repeat(given.mean(axis=2, keepdims=True), agents, axis=2)
        for given in (path.values, path.areas)
    )
    assert values is not None
    return Increments(values, areas, path.dt)


def _path(
    setting: Setting, kept: Sequence[int], path: Increments, distance: float
) -> NDArray[np.float64]:
    """Return mean, x~ and velocity on given noise: (snapshot, replica, part, dim)."""
    steps, replicas = path.values.shape[:2]
    run = simulate_sde(
        setting,
        steps=steps,
        start=so.start.Point(np.full(setting.dim, distance / np.sqrt(setting.dim))),
        replicas=replicas,
        increments=path,
        record=snapshots_at(setting, kept),
    )
    return np.asarray(state_of(setting, run).values)


def sharp_terms(
    factors: xr.Dataset | Mapping[str, float], distortion: NDArray[np.float64], level: float
) -> dict[str, NDArray[np.float64]]:
    """Return the bound in the best constant metric, and its terms, from the factors of the metric."""
    terms = {
        "sharp_distortion": np.asarray(distortion * factors["disturbance"]),
        "sharp_noise": np.asarray(np.sqrt(factors["noise"] * level)),
    }
    return {"sharp": terms["sharp_distortion"] + terms["sharp_noise"], **terms}


def factors(runs: xr.Dataset) -> xr.Dataset:
    """Return bound / measured of everything that is bounded, beside the parameters."""
    return runs[
        ["agents", "coupling", "step_size", "shown", "single_agents", "single_family"]
    ].assign(
        spread=runs["spread_bound"] / runs["spread"],
        distortion=runs["distortion_bound"] / runs["distortion"],
        distance=runs["bound"] / runs["distance"],
        sharp=runs["sharp"] / runs["distance"],
        single_apart=runs["single_distortion_term"] / runs["single_apart"],
        single_alone=runs["single_noise_term"] / runs["single_alone"],
    )


def terms(runs: xr.Dataset, family: str = "log-cosh") -> xr.Dataset:
    """Return the columns of the single agent on one loss, along ``setting`` under short names."""
    single = part(runs.rename({str(runs["single_agents"].dims[0]): "single_setting"}), "single")
    return of_family(single, family)
