"""The picture of graphs: spreads against the spectrum, and shares on wells over coupling and spread."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import panel_titles
from sims.shared.drawing import MARKERS, draw_measured, logarithmic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(result: xr.Dataset) -> "Figure":
    """Draw measured over exact spreads, and who finds the minimum."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.6, 3.7), layout="constrained")
    panels = figure.subplots(1, 3)
    _spreads(panels[0], result)
    _shares(panels[1], result, "grid")
    _shares(panels[2], result, "spread")
    panels[1].legend(fontsize=7, loc="upper center", ncols=3)
    panel_titles(
        list(panels), ["parabola: spread of 16 agents", "wells: by coupling", "wells: by spread"]
    )
    return figure


def _spreads(axes: "Axes", result: xr.Dataset) -> None:
    """Draw spreads of every graph at every coupling beside the exact ones."""
    names = list(dict.fromkeys(result["graph"].values.tolist()))
    couplings = np.unique(result["coupling"].values)
    for k, colour, marker in zip(couplings, family_colours(len(couplings)), MARKERS, strict=False):
        runs = result.isel(setting=result["coupling"].values == k)
        place = [names.index(name) for name in runs["graph"].values]
        axes.plot(place, runs["exact_spread"], "_", ms=14, mew=1.0, color="black")
        draw_measured(
            axes, place, Measured.read(runs, "spread"), f"$k = {k:g}$", marker=marker, colour=colour
        )
    axes.plot([], [], "_", ms=10, color="black", label="exact")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=7)
    axes.set(yscale="log", ylabel=r"$\mathrm{E}\sum_i (x^i-\bar{x})^2$", xlabel="graph")
    axes.legend(fontsize=7)


def _shares(axes: "Axes", result: xr.Dataset, over: str) -> None:
    """Draw the share of replicas at the minimum over coupling or spread."""
    names = result["well_graph"].values.tolist()
    for name, colour, marker in zip(names, family_colours(len(names)), MARKERS, strict=False):
        grid = result.sel(well_graph=name)
        x = grid["grid"] if over == "grid" else grid["grid_spread"]
        share, shown = grid["grid_share"].values, np.isfinite(grid["grid_spread"].values)
        if over == "spread":
            # the side on which more coupling spreads less
            shown &= np.arange(len(share)) <= np.nanargmin(grid["grid_spread"].values)
        axes.plot(
            x.values[shown], share[shown], marker=marker, ms=3.5, lw=1.0, color=colour, label=name
        )
    if over == "grid":
        ticks = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
        logarithmic(axes, ticks, "coupling $k$")
    else:
        axes.axvline(float(result["matched_spread"]), color="0.7", lw=0.8, zorder=0)
        logarithmic(axes, [0.1, 0.2, 0.5, 1.0], "spread of an agent, mean square")
    axes.set(ylim=(-0.03, 1.03), ylabel="share of replicas at the minimum")
