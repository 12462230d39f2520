"""The picture of asynchrony: borders over p, noise of the centre, and shares on the wells."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, panel_titles
from sims.shared.drawing import LABELS, MARKERS, draw_line, draw_measured, logarithmic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RATE = r"moving rate $\alpha=\eta k$"
KINDS = {"synchronous": COLOURS["accent"], "asynchronous": COLOURS["convolved"]}


def draw(result: xr.Dataset) -> "Figure":
    """Draw the largest stable rate, the noise of the centre, and who finds the minimum."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 3.4), layout="constrained")
    panels = figure.subplots(1, 3)
    _borders(panels[0], result)
    _noise(panels[1], result)
    _wells(panels[2], result)
    for axes in panels:
        axes.legend(fontsize=7)
    p = int(result["usual_agents"])
    titles = ["border of stability", rf"centre on a parabola, $p={p}$", rf"wells, $p={p}$"]
    panel_titles(list(panels), titles)
    return figure


def _borders(axes: "Axes", result: xr.Dataset) -> None:
    p = result["agents"].values
    for (kind, colour), marker in zip(KINDS.items(), MARKERS, strict=False):
        row = result.sel(border_kind=kind)
        axes.plot(p, row["matrix"], "-", lw=1.0, color=colour)
        axes.plot(p, row["border"], marker, ms=4.5, mfc="none", color=colour, label=kind)
    axes.plot([], [], "-", lw=1.0, color="black", label="matrix of a period")
    axes.set_yscale("log")
    logarithmic(axes, p.tolist(), LABELS["agents"])
    axes.set_ylabel(r"largest stable $\alpha$")


def _noise(axes: "Axes", result: xr.Dataset) -> None:
    for (kind, colour), marker in zip(KINDS.items(), MARKERS, strict=False):
        runs = result.isel(setting=(result["kind"] == kind).values)
        draw_line(axes, runs["moving_rate"], runs["exact_quorum"], lw=1.0, color=colour)
        measured = Measured.read(runs, "quorum")
        draw_measured(axes, runs["moving_rate"], measured, kind, marker=marker, colour=colour)
    axes.plot([], [], "-", lw=1.0, color="black", label="exact")
    axes.set(xlabel=RATE, ylabel=r"$\mathrm{E}\,\tilde{x}^2$", ylim=(0.0, None))


def _wells(axes: "Axes", result: xr.Dataset) -> None:
    for (kind, colour), marker in zip(KINDS.items(), MARKERS, strict=False):
        row = result.sel(well_kind=kind)
        share = row["near"].mean("replica").values
        error = 2.0 * np.sqrt(share * (1.0 - share) / row.sizes["replica"])
        shown = row["taken"].values
        axes.errorbar(
            row["well_rate"].values[shown],
            share[shown],
            error[shown],
            marker=marker,
            ms=4.0,
            lw=1.0,
            color=colour,
            label=f"{kind}, ± two standard errors",
        )
    axes.set(xlabel=RATE, ylabel="share of centres at the minimum", ylim=(0.0, None))
