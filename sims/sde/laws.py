"""Where methods end: as iterations, and as differential equations solved with ever shorter steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from sims.sde.model import METHODS, NoisyLoss
from sims.sde.nested_paths import iterate, paths, solve

ITERATION = "iteration"

SHOWN = 2
"""Coordinates of agents that are kept; all have one law."""


@dataclass(frozen=True)
class CoupledMethod:
    """A method with its coupling."""

    method: str
    coupling: float

    @property
    def label(self) -> str:
        """The name in a result."""
        return f"{self.method}, k = {self.coupling:g}"


@dataclass(frozen=True)
class Ends:
    """How long and how often methods run.

    Parameters
    ----------
    ticks : int
        Iterations.
    levels : tuple of int
        Steps of the differential equation in a tick.
    replicas : int
        Of each case; all cases see the same paths.
    seed : int
        Of the paths.
    """

    ticks: int
    levels: tuple[int, ...]
    replicas: int
    seed: int


def form_of(level: int) -> str:
    """Return the name of a differential equation solved with so many steps a tick."""
    return "SDE, 1" if level == 1 else f"SDE, 1/{level}"


def end(problem: NoisyLoss, cases: Sequence[CoupledMethod], how: Ends) -> xr.Dataset:
    """Return the final states of all cases in all forms; replicas that diverge are NaN."""
    parts = []
    work = 0
    for path in paths(
        problem, ticks=how.ticks, finest=how.levels[-1], replicas=how.replicas, seed=how.seed
    ):
        runs = []
        for case in cases:
            method = METHODS[case.method]
            forms = [iterate(problem, method, case.coupling, path)]
            forms += [solve(problem, method, case.coupling, path, level) for level in how.levels]
            runs.append(xr.concat([_kept(run) for run in forms], dim="form"))
        parts.append(xr.concat(runs, dim="case"))
        work += len(cases) * (path.work(1) + sum(path.work(level) for level in how.levels))
    joined = xr.concat(parts, dim="replica")
    names = [ITERATION, *(form_of(level) for level in how.levels)]
    return joined.assign_coords(
        case=[case.label for case in cases],
        algorithm=("case", [case.method for case in cases]),
        coupling=("case", [case.coupling for case in cases]),
        form=names,
    ).assign_attrs(agent_steps=work)


def _kept(run: xr.Dataset) -> xr.Dataset:
    few = run["agents"].isel(dim=slice(SHOWN)).rename(dim="shown")
    return xr.Dataset({"agents": few, "mean": run["mean"], "quorum": run["quorum"]}).drop_vars(
        [name for name in run.coords if name not in run.dims], errors="ignore"
    )
