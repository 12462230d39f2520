"""How far the mean is from the minimizer, at many settings: measured, exact, and both terms apart.

Let dz = −∇f(z) dt + √(η/b) (1/p) Σ B dWⁱ be driven by the average noise of the agents. Then
d(x• − z) = −(∇f(x•) − ∇f(z)) dt + ε dt without noise, so that E‖x• − z‖ ≤ sup E‖ε‖ / l after
transients, and z is SGD with p times the batch: each term of Thm 5.1 bounds one distance. With EASGD
and with momentum z comes with its own x~ or velocity, and the terms of Thms 5.2 and 5.3 bound the
distances of both together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.experiment import Configuration
from sdeopt.experiments.measured import Measured
from sdeopt.increments import Increments, brownian
from sims.shared.grids import S, as_part, columns, varied, with_measured, with_numbers
from sims.shared.linear import mean_length
from sims.shared.setting import BATCH_SIZE, BETWEEN, Setting
from sims.shared.stationary import LOOKS, Looks, measure

LARGEST = 4_000_000
"""Numbers in a noise path that is held at once."""


def beside_single_agent(
    setting: Setting, *, distance: float, forget: float, window: float, replicas: int, seed: int
) -> xr.Dataset:
    """Simulate the SDE of a method and the single agent on the same noise."""
    dt = setting.dt()
    early = BETWEEN * int(np.ceil(forget / (dt * BETWEEN)))
    between = BETWEEN * max(1, int(np.ceil(window / (dt * BETWEEN * LOOKS))))
    steps = early + between * LOOKS
    most = max(1, LARGEST // (steps * setting.agents * setting.dim))
    parts, alone = [], setting.alone()
    for first in range(0, replicas, most):
        count = min(most, replicas - first)
        # Replicas of one path are numbered from 0, so every path needs a seed of its own.
        path = brownian(steps, count, setting.agents, setting.dim, dt, seed=seed + 100_000 * first)
        seen = range(early + between, steps + 1, between)
        x = _path(Looks(setting, tuple(seen)), path, distance)
        z = _path(Looks(alone, tuple(seen)), _shared(path, alone.agents), distance)
        axes = (-2, -1)
        parts.append((np.linalg.norm(x - z, axis=axes), np.linalg.norm(z, axis=axes)))
    apart, noise = (
        np.concatenate(found, axis=1).mean(axis=0) for found in zip(*parts, strict=True)
    )
    return xr.Dataset(
        {"apart": ("replica", apart), "alone": ("replica", noise)},
        attrs={"agent_steps": steps * (setting.agents + alone.agents) * replicas},
    )


def _shared(path: Increments, agents: int) -> Increments:
    """Return a path on which all of some agents feel the average noise of the path."""
    values, areas = (
        None if given is None else np.repeat(given.mean(axis=2, keepdims=True), agents, axis=2)
        for given in (path.values, path.areas)
    )
    assert values is not None
    return Increments(values, areas, path.dt)


def _path(looks: Looks, path: Increments, distance: float) -> NDArray[np.float64]:
    """Return the joint state on given noise, after the transient: (look, replica, part, dim)."""
    setting = looks.setting
    law = setting.law()
    steps, replicas = path.values.shape[:2]
    run = so.simulate(
        law.loss,
        setting.algorithm(),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Point(np.full(setting.dim, distance / np.sqrt(setting.dim))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        clock=so.clock.SDE(dt=setting.dt(), scheme="strong_order_1.5"),
        increments=path,
        record=looks.record(),
        progress=False,
    )
    return np.asarray(looks.state(run).values)


STATISTICS = {"synchronization": "spread", "distortion": "distortion"}
"""What is averaged along with the distances where it is asked for, and the names of the columns."""

Bounds: TypeAlias = Callable[[Any], Mapping[str, float]]
"""From a setting to columns of bounds."""


def measure_distances(
    chosen: Sequence[Setting],
    bounds: Bounds,
    forget: Callable[[Any], float],
    *,
    window: Callable[[Any], float],
    replicas: int,
    fewer_replicas: int,
    seed: int,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Measure the distance of the joint state from the minimizer, and of each part of it."""
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
            looks=LOOKS,
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
    moments, seen = setting.moments(), setting.seen()
    names = ("exact", "exact_square", "exact_spread", *(f"exact_{part}" for part in parts))
    if moments is None or seen is None:
        return dict.fromkeys(names, np.nan)
    n = setting.dim
    lengths = [
        mean_length(seen[i * n : (i + 1) * n, i * n : (i + 1) * n]) for i in range(len(parts))
    ]
    values = (mean_length(seen), float(np.trace(seen)), float(moments.spread), *lengths)
    return dict(zip(names, values, strict=True))


def measure_terms(
    chosen: Sequence[Setting],
    bounds: Bounds,
    forget: Callable[[Any], float],
    *,
    window: Callable[[Any], float],
    replicas: int,
    seed: int,
) -> xr.Dataset:
    """Measure what distortion and noise each do, beside a single agent that feels the same noise."""
    rows = [bounds(setting) for setting in chosen]
    runs = [
        beside_single_agent(
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
    """Return p and k for quadratics and the usual loss, then η and n for the latter."""
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
