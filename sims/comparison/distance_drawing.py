"""The picture of Theorem 5.1: the distance from the minimizer, the bound and its two terms."""

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
from sims.comparison.grids import of_family, part, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]

DISTANCE = r"$\mathsf{E}\,\|x^\bullet-x^*\|$"


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distance beside Thm 5.1 over p, k, η and n, and both terms of it.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.qsgd.simulate`.

    Returns
    -------
    matplotlib.figure.Figure
        Nine panels.
    """
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
