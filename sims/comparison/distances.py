"""How far the mean is from the minimizer, at many settings: measured, exact, and both terms apart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from sdeopt.measured import Measured
from sims.comparison.grids import as_part, columns, with_measured, with_numbers
from sims.comparison.linear import mean_length
from sims.comparison.looks import LOOKS
from sims.comparison.setting import Setting
from sims.comparison.single_agent import beside_single_agent
from sims.comparison.stationary import measure

__all__ = ["STATISTICS", "Bounds", "measure_distances", "measure_terms"]

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
    """Measure the distance of the joint state from the minimizer, and of each part of it.

    Parameters
    ----------
    chosen : sequence of Setting
        Of one method.
    bounds : callable
        From a setting to columns, ``bound`` among them: where the runs start.
    forget : callable
        From a setting to the time that is thrown away.
    window : callable
        From a setting to the time that is averaged over.
    replicas, fewer_replicas : int
        Of every setting where the exact value is known, and where it is not.
    seed : int
        The seed.
    statistics : sequence of str
        Out of `STATISTICS`.

    Returns
    -------
    xarray.Dataset
        Along ``setting``: its fields; ``distance`` and ``square`` of the whole state, E‖·‖ and E‖·‖²,
        and the distance of every part (``position``, ``quorum``, ``velocity``) with their errors
        and ``replicas``; the columns of `bounds`; ``exact`` and ``exact_square``, ``exact_<part>``
        and ``exact_spread``, NaN where they are not known. The attribute ``agent_steps`` tells the
        work.
    """
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
    """Measure what distortion and noise each do, beside a single agent that feels the same noise.

    Parameters
    ----------
    chosen, bounds, forget, window, replicas, seed
        As for `measure_distances`.

    Returns
    -------
    xarray.Dataset
        Along ``single_setting``, with ``single_`` before all names: the fields, ``apart`` and
        ``alone`` of `sims.comparison.single_agent.beside_single_agent`, the columns of `bounds`.
    """
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
