"""The pictures of Theorems 5.1 to 5.3: the distance from the minimizer, the bounds and their terms."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot import style as plotting
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS
from sims.shared.drawing import (
    LABELS,
    MARKERS,
    draw_bound,
    draw_measured,
    logarithmic,
    range_of,
    series,
)
from sims.shared.grids import of_family, part, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DISTANCE = r"$\mathsf{E}\,\|x^\bullet-x^*\|$"


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distance beside Thm 5.1 over p, k, η and n, and both terms of it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.6), layout="constrained")
    panels = figure.subplots(3, 3)
    families = ("round quadratic", "quadratic", "log-cosh")
    names = (r"$f=\frac{1}{2}\|x\|^2$", "quadratic", "log-cosh")
    titles = []
    for axes, name, title in zip(panels[0], families, names, strict=True):
        runs = shown(result, "agents", name)
        _beside_bound(axes, runs, "agents")
        titles.append(f"{title}: tightness {_ratio(runs)}")
    runs = shown(result, "coupling", "log-cosh")
    _over_coupling(panels[1, 0], runs)
    titles.append(f"log-cosh: tightness {_ratio(runs)}")
    for axes, name in zip(panels[1, 1:], ("step_size", "dim"), strict=True):
        runs = shown(result, name)
        _beside_bound(axes, runs, name)
        titles.append(f"log-cosh: tightness {_ratio(runs)}")
    single = shown(part(result, "single"), "agents")
    for axes, name in zip(panels[2], ("log-cosh", "slanted"), strict=False):
        _terms(axes, of_family(single, name))
    single = shown(part(result, "single"), "step_size")
    _tightness(panels[2, 2], single, shown(result, "step_size", "log-cosh"), "step_size")
    titles += ["log-cosh: both terms", "slanted: both terms", "log-cosh: tightness per term"]
    plotting.panel_titles(list(panels.flat), titles)
    plotting.shared_legend(figure, panels[0, 0])
    return figure


def _ratio(runs: xr.Dataset) -> str:
    return range_of(runs["bound"] / runs["distance"])


def _beside_bound(axes: "Axes", runs: xr.Dataset, name: str) -> None:
    draw_bound(axes, runs[name], runs["bound"], runs["exact"])
    order = np.argsort(runs[name].values)
    x = runs[name].values[order]
    noise = runs["noise_bound"].values[order]
    axes.plot(x, noise, ":", color=COLOURS["accent"], lw=1.0, label="noise term of the bound")
    draw_measured(axes, runs[name], Measured.read(runs, "distance"), "simulation")
    logarithmic(axes, np.unique(x).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel=DISTANCE)


def _over_coupling(axes: "Axes", runs: xr.Dataset) -> None:
    by_agents = series(runs, "agents")
    colours = family_colours(len(by_agents))
    for (p, some), marker, colour in zip(by_agents, MARKERS, colours, strict=False):
        measured = Measured.read(some, "distance")
        draw_measured(axes, some["coupling"], measured, f"$p={p:g}$", marker=marker, colour=colour)
        order = np.argsort(some["coupling"].values)
        axes.plot(some["coupling"].values[order], some["bound"].values[order], color=colour)
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"], linear=1.0)
    axes.set(yscale="log", ylabel=DISTANCE)
    axes.legend(fontsize=7, title="points; their bounds as lines", title_fontsize=7)


def _terms(axes: "Axes", single: xr.Dataset) -> None:
    """Draw both distances of the split with the terms that bound them."""
    p = single["agents"].values
    order = np.argsort(p)
    parts = (
        ("apart", "distortion_bound", r"$x^\bullet$ from $z$: distortion", "s", "second", "--"),
        ("alone", "noise_bound", r"$z$ from $x^*$: noise", "o", "convolved", ":"),
    )
    for name, bound, label, marker, colour, dash in parts:
        measured = Measured.read(single, name)
        draw_measured(axes, p, measured, label, marker=marker, colour=COLOURS[colour])
        axes.plot(p[order], single[bound].values[order], dash, color=COLOURS[colour])
    logarithmic(axes, np.unique(p).tolist(), LABELS["agents"])
    axes.set(yscale="log", ylabel="mean distance; lines: terms")
    axes.legend(fontsize=7)


def _tightness(axes: "Axes", single: xr.Dataset, whole: xr.Dataset, name: str) -> None:
    lines = (
        ("whole bound", whole, "bound", "distance", "-", "D", "accent"),
        ("distortion term", single, "distortion_bound", "apart", "--", "s", "second"),
        ("noise term", single, "noise_bound", "alone", ":", "o", "convolved"),
    )
    for label, runs, bound, measured, dash, marker, colour in lines:
        order = np.argsort(runs[name].values)
        axes.plot(
            runs[name].values[order],
            (runs[bound] / runs[measured]).values[order],
            dash,
            marker=marker,
            mfc="none",
            ms=4.5,
            color=COLOURS[colour],
            label=label,
        )
    logarithmic(axes, np.unique(whole[name].values).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel="bound / measured")
    axes.legend(fontsize=7)


TermLine = tuple[str, str, str, str]
"""A factor of tightness: its label, the column of the bound, that of the measurement, the marker."""

SHARPER = (
    ("sharp", "best constant metric", "second", (0, (5, 1.5))),
    ("free", "without a metric", "third", (0, (1.2, 1.2))),
)


def draw_sharpened(result: xr.Dataset, distance: str, lines: Sequence[TermLine]) -> "Figure":
    """Draw the distance beside all bounds over p, k, η and n, and the tightness of each term."""
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
        _sharpened_drawing_over_coupling(axes, runs, distance)
        titles.append(f"{family}: {_ratios(runs)}")
    for axes, name in zip(panels[2], ("agents", "coupling", "step_size"), strict=True):
        _sharpened_drawing_tightness(axes, result, name, lines)
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


def _sharpened_drawing_over_coupling(axes: "Axes", runs: xr.Dataset, distance: str) -> None:
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


def _sharpened_drawing_tightness(
    axes: "Axes", result: xr.Dataset, name: str, lines: Sequence[TermLine]
) -> None:
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
