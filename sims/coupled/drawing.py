"""How Figs 4 to 6 are drawn: maps of the cross section, the loss of the mean, and final points."""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot import curves, maps
from sdeopt.plot.style import COLOURS, label_edges, panel_titles, shared_legend
from sims.shared.panels import three_columns, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet
    from matplotlib.figure import Figure

SCALE = "above its least value (loss units)"
"""What the colours mean, after the name of what is drawn."""


def draw_section(axes: "Axes", section: xr.Dataset, name: str) -> "QuadContourSet":
    """Draw the loss or the convolved loss, above its own least value, on one scale for both."""
    plane = section[name].transpose("x2", "x1")
    # The walls are steep: the colours tell apart what lies between the minima of the loss.
    x1, x2, right = section["x1"], section["x2"], section["uncorrupted_minimum"].max()
    inside = section["loss"].where((abs(x1) <= right) & (abs(x2) <= right))
    limits = 0.0, float(inside.max() - section["loss"].min())
    drawn = maps.draw_map(axes, x1, x2, plane - plane.min(), limits=limits)
    axes.set(aspect="equal", xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    return drawn


STANDARD_ERRORS = 2.0
"""Half the height of bands and bars."""


def draw_descent(result: xr.Dataset) -> "Figure":
    """Draw Figure 4: both cross sections, the loss of the mean against time and over the coupling."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 6.6), layout="constrained")
    panels = figure.subplots(2, 2)
    for axes, name in zip(panels[0], ("loss", "convolved"), strict=True):
        drawn = draw_section(axes, result, name)
        axes.set(xlabel="$x_1$", ylabel="$x_2$")
    maps.colour_scale(figure, drawn, panels[0], f"loss {SCALE}")
    over_time, over_coupling = panels[1]
    _draw_curves(over_time, result["loss_of_mean"])
    _draw_ends(over_coupling, result["loss_of_mean"].isel(step=-1))
    panel_titles(
        list(panels.flat),
        [
            "loss, cross section",
            "loss convolved with one step’s noise",
            "loss of the mean, $f(x^\\bullet)$",
            "at the last step",
        ],
    )
    return figure


def _draw_curves(axes: "Axes", losses: xr.DataArray) -> None:
    """Draw the loss of the mean against time, a curve for each coupling."""
    couplings, steps = losses["coupling"].values, losses["step"].values
    average, error = _average(losses)
    lines = curves.line_family(axes, steps, dict(zip(couplings, average.values, strict=True)))
    for line, middle, reach in zip(lines, average.values, error.values, strict=True):
        axes.fill_between(
            steps, middle - reach, middle + reach, color=line.get_color(), alpha=0.2, lw=0
        )
    axes.set(xlabel="step", ylabel="loss (loss units)", xlim=(0, steps[-1]))
    curves.label_ends(axes, lines)


def _draw_ends(axes: "Axes", final: xr.DataArray) -> None:
    """Draw the final loss of the mean over the coupling."""
    average, error = _average(final)
    axes.errorbar(
        final["coupling"],
        average,
        error,
        color=COLOURS["mean"],
        marker="o",
        ms=3.5,
        lw=1.0,
        capsize=2.0,
    )
    # Linear below 1, logarithmic above: the couplings crowd near 0, where the U is not strict.
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.7)
    ticks = [tick for tick in (0, 0.5, 1, 2, 4, 8, 20) if tick <= final["coupling"].max()]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set(xlabel="coupling $k$ (1 / time)")
    axes.minorticks_off()


def _average(losses: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the mean over replicas, and the half-height of its error."""
    error = losses.std("replica", ddof=1) / np.sqrt(losses.sizes["replica"])
    return losses.mean("replica"), STANDARD_ERRORS * error


def draw_points(result: xr.Dataset, points: xr.DataArray, mark: str, label: str) -> "Figure":
    """Draw Figure 5 or 6: points over the convolved loss, a panel for each coupling."""
    figure, grid, panels = three_columns(result.sizes["coupling"], width=2.6, height=2.5)
    for index, axes in enumerate(panels):
        drawn = draw_section(axes, result, "convolved")
        first, second = (
            points.isel(coupling=index, dim=number).values.ravel() for number in (0, 1)
        )
        axes.plot(first, second, **(maps.MARKS[mark] | SMALLER[mark]), label=label)
        _frame_minima(axes, result)
    panel_titles(panels, [title_of(points.isel(coupling=index)) for index in range(len(panels))])
    label_edges(grid, "$x_1$", "$x_2$")
    maps.colour_scale(figure, drawn, np.array(panels), f"convolved loss {SCALE}")
    shared_legend(figure, panels[0])
    return figure


SMALLER = {"agents": {"ms": 2.8}, "mean": {"ms": 5.0, "mew": 0.5}}
"""The sizes of points, of which there are hundreds."""


def _frame_minima(axes: "Axes", section: xr.Dataset) -> None:
    """Draw what is near a minimum of the uncorrupted loss, as a square around each."""
    minima, reach = section["uncorrupted_minimum"].values, float(section["reach"])
    corners = reach * np.array([[-1, -1], [-1, 1], [1, 1], [1, -1], [-1, -1], [np.nan, np.nan]])
    squares = np.concatenate([corners + place for place in product(minima, minima)])
    label = "within $r = \\eta W$ of a minimum of the uncorrupted loss"
    axes.plot(*squares.T, color=COLOURS["accent"], lw=1.2, label=label)
