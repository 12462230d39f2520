"""Final points on the cross section of the coupled loss: what Figs 5 and 6 have in common."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.plot import maps
from sdeopt.plot import style as plotting
from sims.coupled.drawing import SCALE, draw_section
from sims.coupled.model import CoupledConfiguration, check_couplings, simulate_couplings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETUP = (
    "QSGD, xⁱ ← xⁱ − η(∇f(xⁱ) + ζⁱ) + ηk(x• − xⁱ), on an n-dimensional loss of double wells with "
    "ripples in the sum of every two coordinates. Every replica starts its agents uniformly on "
    "[−3, 3]ⁿ and runs with constant step size and fresh uniform noise; the panels differ in the "
    "coupling k only and see the same noise. Points are projected on the first two coordinates and "
    "drawn over the loss convolved with ηζ, on the cross section that holds all other coordinates "
    "at −1.4. The other coordinates of a point are elsewhere, mostly: the ground is a map of the "
    "minima, not of the loss of the points. The claims count pairs of coordinates, all of them, "
    "since every two are alike."
)

RECONSTRUCTED = (
    "the couplings of the panels, so that each shows what the text says of it: none, too little, "
    "two good ones of which one leaves stragglers, merging, and too much",
    "what the words mean in numbers: near = within r = ηW, the reach of one step’s noise, along both "
    "coordinates; where a point belongs = in which basin of the convolved loss; are = at least 90% "
    "of pairs; a populated cluster = at least 5%; more = by at least three standard errors",
    "whether the paper draws over the loss or over its convolution; the convolution, here",
)
"""Beside what `sims.coupled.model` says."""

QUICK_REPLICAS = 32
PAPER_REPLICAS = 500


@dataclass(frozen=True, kw_only=True)
class FinalPointsConfiguration(CoupledConfiguration):
    """The size and the couplings of Figs 5 and 6.

    Parameters
    ----------
    small_couplings, middle_couplings, strong_couplings, large_couplings : tuple of float
        The couplings k beside 0, by the part they play in the claims.
    """

    small_couplings: tuple[float, ...] = (0.5,)
    middle_couplings: tuple[float, ...] = (2.0, 4.0)
    strong_couplings: tuple[float, ...] = (5.0,)
    large_couplings: tuple[float, ...] = (20.0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [self.small_couplings, self.middle_couplings]
        given += [self.strong_couplings, self.large_couplings]
        check_couplings([0.0, *(coupling for couplings in given for coupling in couplings)])

    def roles(self) -> dict[float, str]:
        """Return the part that each coupling plays, from no coupling to the largest."""
        return (
            {0.0: "none"}
            | dict.fromkeys(self.small_couplings, "small")
            | dict.fromkeys(self.middle_couplings, "middle")
            | dict.fromkeys(self.strong_couplings, "strong")
            | dict.fromkeys(self.large_couplings, "large")
        )


def simulate(configuration: FinalPointsConfiguration, variable: str) -> xr.Dataset:
    """Simulate every coupling of a figure."""
    kept = so.record.End((variable,))
    runs = simulate_couplings(configuration, list(configuration.roles()), kept)
    return with_roles(configuration, runs)


def with_roles(configuration: FinalPointsConfiguration, runs: xr.Dataset) -> xr.Dataset:
    """Return the runs that a figure shows, with the part that each plays."""
    roles = configuration.roles()
    chosen = runs.sel(coupling=list(roles))
    return chosen.assign_coords(role=("coupling", list(roles.values())))


TITLES = {
    "none": "no coupling",
    "small": "small",
    "middle": "middle",
    "strong": "merging",
    "large": "large",
}


def draw_panels(result: xr.Dataset, points: xr.DataArray, mark: str, label: str) -> "Figure":
    """Draw a panel for each coupling: points over the convolved loss on the cross section."""
    rows = -(-result.sizes["coupling"] // 3)
    figure, panels = plotting.grid_of_panels(rows, 3, width=2.6, height=2.5)
    titles = []
    for index, axes in enumerate(panels.flat):
        if index >= result.sizes["coupling"]:
            axes.remove()
            panels.flat[index - 3].tick_params(labelbottom=True)
            continue
        panel = points.isel(coupling=index)
        drawn = draw_section(axes, result, "convolved")
        first, second = (panel.isel(dim=number).values.ravel() for number in (0, 1))
        axes.plot(first, second, **(maps.MARKS[mark] | SMALLER[mark]), label=label)
        _frame_minima(axes, result)
        titles.append(f"$k = {panel['coupling'].item():g}$, {TITLES[panel['role'].item()]}")
    plotting.panel_titles(list(panels.flat), titles)
    plotting.label_edges(panels, "$x_1$", "$x_2$")
    maps.colour_scale(figure, drawn, panels.flat[: len(titles)], f"convolved loss {SCALE}")
    plotting.shared_legend(figure, panels.flat[0])
    return figure


SMALLER = {"agents": {"ms": 2.8}, "mean": {"ms": 5.0, "mew": 0.5}}
"""The sizes of points, of which there are hundreds."""


def _frame_minima(axes: "Axes", section: xr.Dataset) -> None:
    """Draw what is near a minimum of the uncorrupted loss, as a square around each."""
    minima, reach = section["uncorrupted_minimum"].values, float(section["reach"])
    corners = reach * np.array([[-1, -1], [-1, 1], [1, 1], [1, -1], [-1, -1], [np.nan, np.nan]])
    squares = np.concatenate([corners + place for place in product(minima, minima)])
    label = "within $r = \\eta W$ of a minimum of the uncorrupted loss"
    axes.plot(*squares.T, color=plotting.COLOURS["accent"], lw=1.2, label=label)
