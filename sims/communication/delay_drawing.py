"""The picture of delays: borders, mean squares and spreads over the delay."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import panel_titles
from sims.communication.topology_claims import of
from sims.shared.drawing import MARKERS, draw_line, draw_measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LATE = r"delay $\tau$ in steps"


def draw(result: xr.Dataset) -> "Figure":
    """Draw the largest stable coupling, the noise of the mean, and the spread."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 3.4), layout="constrained")
    panels = figure.subplots(1, 3)
    _borders(panels[0], result)
    labels = (r"$\mathrm{E}\,\bar{x}^2$", r"$\mathrm{E}\sum_i (x^i-\bar{x})^2$")
    for axes, name, label in zip(panels[1:], ("mean", "spread"), labels, strict=True):
        _moments(axes, result, name)
        axes.set(xlabel=LATE, ylabel=label, ylim=(0.0, None))
    panels[0].legend(fontsize=7)
    panels[1].legend(fontsize=7)
    panel_titles(list(panels), ["border of stability", "noise of the mean", "spread of the agents"])
    return figure


def _borders(axes: "Axes", result: xr.Dataset) -> None:
    names = result["border_graph"].values.tolist()
    for name, colour, marker in zip(names, family_colours(len(names)), MARKERS, strict=False):
        row = result.sel(border_graph=name)
        axes.plot(row["late"], row["polynomial"], "-", lw=1.0, color=colour)
        axes.plot(
            row["late"], row["border"], marker, ms=4.5, mfc="none", color=colour, label=f"{name}"
        )
    axes.plot([], [], "-", lw=1.0, color="black", label="characteristic polynomial")
    axes.set(xlabel=LATE, ylabel=r"largest stable $\eta k$", ylim=(0.0, None))


def _moments(axes: "Axes", result: xr.Dataset, name: str) -> None:
    names = list(dict.fromkeys(result["graph"].values.tolist()))
    for graph, colour, marker in zip(names, family_colours(len(names)), MARKERS, strict=False):
        runs = of(result, graph)
        draw_line(axes, runs["delay"], runs[f"exact_{name}"], lw=1.0, color=colour)
        measured = Measured.read(runs, name)
        draw_measured(
            axes, np.asarray(runs["delay"]), measured, graph, marker=marker, colour=colour
        )
    axes.plot([], [], "-", lw=1.0, color="black", label="exact")
