"""How Figs 4 to 6 are drawn: maps of the cross section, the loss of the mean over time and coupling."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot import curves, maps
from sdeopt.plot import style as plotting

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


def draw(result: xr.Dataset) -> "Figure":
    """Draw the figure."""
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
    plotting.panel_titles(
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
        color=plotting.COLOURS["mean"],
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
