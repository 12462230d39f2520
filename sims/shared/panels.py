"""Figures with a panel for each coupling: the part it plays in the claims, and where it is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.plot.style import grid_of_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PARTS = {
    "none": "no coupling",
    "small": "small",
    "middle": "middle",
    "strong": "merging",
    "large": "large",
}
"""The part that a coupling plays, and its name in a title."""


def check_replicas(replicas: int) -> None:
    """Refuse a single replica."""
    if replicas < 2:
        raise InvalidArgumentError(
            f"replicas is {replicas}, but errors come from replicas; give at least 2."
        )


def check_coupling(coupling: Sequence[float], fewest: int = 1) -> None:
    """Refuse couplings that do not begin with 0 and rise."""
    rising = list(coupling) == sorted(set(coupling))
    if not (rising and len(coupling) >= fewest and coupling[0] == 0.0):
        raise InvalidArgumentError(
            f"coupling is {tuple(coupling)}, but must begin with 0, with which the others are "
            f"compared, and rise, {fewest} or more in all."
        )


def check_range(name: str, ends: Sequence[float]) -> None:
    """Refuse a range of couplings that is not two numbers, the lower first."""
    if len(ends) != 2 or ends[0] > ends[1]:
        raise InvalidArgumentError(
            f"{name} is {tuple(ends)}, but must be two couplings, the lower first."
        )


def roles(
    coupling: Sequence[float], middle: tuple[float, float], strong: float = -np.inf
) -> dict[float, str]:
    """Return the part that each coupling plays.

    Those below the middle range are small; those above it are strong up to a limit, then large.
    """
    low, high = middle
    parts = {}
    for k in coupling:
        above = "strong" if k <= strong else "large"
        parts[k] = "none" if k == 0.0 else "small" if k < low else "middle" if k <= high else above
    return parts


def with_roles(runs: xr.Dataset, parts: dict[float, str]) -> xr.Dataset:
    """Return the runs of these couplings, with the part that each plays."""
    chosen = runs.sel(coupling=list(parts))
    return chosen.assign_coords(role=("coupling", list(parts.values())))


def panels(result: xr.Dataset, role: str) -> list[xr.Dataset]:
    """Return the couplings that play a part, each for itself."""
    chosen = result["coupling"].values[result["role"].values == role]
    return [result.sel(coupling=k) for k in chosen]


def coupling_of(panel: xr.Dataset) -> str:
    """Return the coupling of a panel as claims name it."""
    return f"k = {panel['coupling'].item():g}"


def title_of(panel: xr.Dataset | xr.DataArray) -> str:
    """Return the title of a panel."""
    return f"$k = {panel['coupling'].item():g}$, {PARTS[panel['role'].item()]}"


def three_columns(count: int, **size: float) -> "tuple[Figure, NDArray[Any], list[Axes]]":
    """Return a figure, its grid of panels, three in a row, and those that are used."""
    figure, grid = grid_of_panels(-(-count // 3), 3, **size)
    for index in range(count, grid.size):
        grid.flat[index].remove()
        grid.flat[index - 3].tick_params(labelbottom=True)
    return figure, grid, list(grid.flat)[:count]
