"""The picture of Theorems 5.2 and 5.3: the paper's bound, sharper ones, the exact value, each term."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt import plotting
from sdeopt.curves import family_colours
from sdeopt.measured import Measured
from sdeopt.plotting import COLOURS
from sims.comparison.drawing import (
    LABELS,
    MARKERS,
    draw_bound,
    draw_measured,
    logarithmic,
    range_of,
    series,
)
from sims.comparison.grids import part, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["TermLine", "draw_sharpened"]

TermLine = tuple[str, str, str, str]
"""A factor of tightness: its label, the column of the bound, that of the measurement, the marker."""

SHARPER = (
    ("sharp", "best constant metric", "second", (0, (5, 1.5))),
    ("free", "without a metric", "third", (0, (1.2, 1.2))),
)


def draw_sharpened(result: xr.Dataset, distance: str, lines: Sequence[TermLine]) -> "Figure":
    """Draw the distance beside all bounds over p, k, η and n, and the tightness of each term.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.easgd.simulate` or `sims.momentum.simulate`.
    distance : str
        The label of the vertical axes.
    lines : sequence of TermLine
        What the two panels of tightness show; columns are looked for in the part ``single``, then
        along with the distances.

    Returns
    -------
    matplotlib.figure.Figure
        Nine panels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.8), layout="constrained")
    panels = figure.subplots(3, 3)
    chosen = (
        ("agents", "quadratic", "quadratic"),
        ("agents", "log-cosh", "log-cosh"),
        ("step_size", "log-cosh", "log-cosh"),
        ("dim", "log-cosh", "log-cosh"),
    )
    titles = []
    for axes, (name, family, words) in zip(panels.flat, chosen, strict=False):
        runs = shown(result, name, family)
        _beside_bounds(axes, runs, name, distance)
        titles.append(f"{words}: {_ratios(runs)}")
    for axes, family in zip(panels.flat[4:], ("quadratic", "log-cosh"), strict=False):
        runs = shown(result, "coupling", family)
        _over_coupling(axes, runs, distance)
        titles.append(f"{family}: {_ratios(runs)}")
    for axes, name in zip(panels[2], ("agents", "coupling", "step_size"), strict=True):
        _tightness(axes, result, name, lines)
        titles.append("log-cosh, tightness per term")
    plotting.panel_titles(list(panels.flat), titles)
    _, top = panels[2, 0].get_ylim()
    panels[2, 0].set_ylim(top=top * 100)  # room for the legend
    panels[2, 0].legend(
        fontsize=6.0,
        ncols=2,
        loc="upper left",
        columnspacing=0.8,
        handlelength=1.6,
        handletextpad=0.4,
    )
    plotting.shared_legend(figure, panels[0, 0])
    return figure


def _ratios(runs: xr.Dataset) -> str:
    return f"tightness {range_of(runs['bound'] / runs['distance'])}"


def _beside_bounds(axes: "Axes", runs: xr.Dataset, name: str, distance: str) -> None:
    draw_bound(axes, runs[name], runs["bound"], runs["exact"], bound_label="bound of the paper")
    order = np.argsort(runs[name].values)
    x = runs[name].values[order]
    for column, label, colour, dash in SHARPER:
        if column in runs:
            axes.plot(x, runs[column].values[order], ls=dash, color=COLOURS[colour], label=label)
    draw_measured(axes, runs[name], Measured.read(runs, "distance"), "simulation")
    logarithmic(axes, np.unique(x).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel=distance)


def _over_coupling(axes: "Axes", runs: xr.Dataset, distance: str) -> None:
    by_agents = series(runs, "agents")
    colours = family_colours(len(by_agents))
    for (p, some), marker, colour in zip(by_agents, MARKERS, colours, strict=False):
        measured = Measured.read(some, "distance")
        draw_measured(axes, some["coupling"], measured, f"$p={p:g}$", marker=marker, colour=colour)
        order = np.argsort(some["coupling"].values)
        k = some["coupling"].values[order]
        axes.plot(k, some["bound"].values[order], color=colour)
        axes.plot(k, some["sharp"].values[order], ls=SHARPER[0][3], color=colour)
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"])
    axes.set(yscale="log", ylabel=distance)
    bottom, _ = axes.get_ylim()
    axes.set_ylim(bottom=bottom / 3)  # room for the legend
    axes.legend(
        fontsize=7, ncols=len(by_agents), loc="lower center",
        title="full: paper; dashed: best metric", title_fontsize=7,
    )  # fmt: skip


def _tightness(axes: "Axes", result: xr.Dataset, name: str, lines: Sequence[TermLine]) -> None:
    """Draw bound / measured of each term, at the usual number of agents where k is varied."""
    whole, single = shown(result, name, "log-cosh"), shown(part(result, "single"), name)
    colours = family_colours(len(lines))
    for (label, bound, measured, marker), colour in zip(lines, colours, strict=True):
        runs = single if measured in single else whole
        runs = runs.isel(setting=(runs["agents"] > 1).values)
        if name == "coupling":
            runs = series(runs, "agents")[-1][1]
        order = np.argsort(runs[name].values)
        x, factor = runs[name].values[order], (runs[bound] / runs[measured]).values[order]
        axes.plot(x, factor, "-", marker=marker, mfc="none", ms=4.5, color=colour, label=label)
        logarithmic(axes, np.unique(x).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel="bound / measured")
