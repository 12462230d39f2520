"""The picture of Theorem 3.2: the distortion and its bound, the noise of the mean."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot import style as plotting
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS
from sims.noise.claims import taylor_factor
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

LENGTH = r"$\mathsf{E}\,\|\epsilon\|$"
VARIED = ("agents", "step_size", "dim")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distortion beside (31) over k, p, η and n, both factors between, and the noise."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 5.4), layout="constrained")
    panels = figure.subplots(2, 4)
    bent, slanted = shown(result, "coupling"), shown(result, "slanted")
    _over_coupling(panels[0, 0], bent)
    titles = [_tightness("log-cosh", bent)]
    for axes, name in zip(panels[0, 1:], VARIED, strict=True):
        runs = shown(result, name)
        draw_bound(axes, runs[name], runs["bound"])
        draw_measured(axes, runs[name], Measured.read(runs, "distortion"), "simulation")
        logarithmic(axes, np.unique(runs[name].values).tolist(), LABELS[name])
        axes.set(yscale="log", ylabel=LENGTH)
        titles.append(_tightness("log-cosh", runs))
    _factors(panels[1, 0], shown(result, "step_size"), "step_size")
    _over_coupling(panels[1, 1], slanted)
    _factors(panels[1, 2], series(slanted, "agents")[-1][1], "coupling")
    _noise(panels[1, 3], part(result, "noise"))
    titles += [
        "log-cosh: where it is loose",
        _tightness("slanted", slanted),
        "slanted, largest $p$",
        "noise of the mean",
    ]
    plotting.panel_titles(list(panels.flat), titles)
    return figure


def _tightness(words: str, runs: xr.Dataset) -> str:
    return f"{words}: tightness {range_of(runs['bound'] / runs['distortion'])}"


def _over_coupling(axes: "Axes", runs: xr.Dataset) -> None:
    """Draw a curve for each p; the bounds differ by (p − 1)/p."""
    by_agents = series(runs, "agents")
    colours = family_colours(len(by_agents))
    for (p, some), marker, colour in zip(by_agents, MARKERS, colours, strict=False):
        measured = Measured.read(some, "distortion")
        draw_measured(axes, some["coupling"], measured, f"$p={p:g}$", marker=marker, colour=colour)
    largest = by_agents[-1]
    draw_bound(axes, largest[1]["coupling"], largest[1]["bound"], bound_label="bound, largest $p$")
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"], linear=1.0)
    axes.set(yscale="log", ylabel=LENGTH)
    bottom, _ = axes.get_ylim()
    axes.set_ylim(bottom=bottom / 8)  # room for the legend
    axes.legend(fontsize=7, loc="lower left")


def _factors(axes: "Axes", runs: xr.Dataset, name: str) -> None:
    order = np.argsort(runs[name].values)
    x = runs[name].values[order]
    parts = (
        ("whole: (31)", runs["bound"] / runs["distortion"], "-", "o", COLOURS["accent"]),
        ("spread: Lemma 3.1", runs["spread_bound"] / runs["spread"], "--", "s", COLOURS["second"]),
        (r"$\epsilon$ from the spread", taylor_factor(runs), ":", "^", COLOURS["convolved"]),
    )
    for label, factor, dash, marker, colour in parts:
        axes.plot(
            x, factor.values[order], dash, marker=marker, mfc="none", ms=4.5, color=colour,
            label=label,
        )  # fmt: skip
    logarithmic(axes, x.tolist(), LABELS[name], linear=1.0 if x[0] == 0 else 0.0)
    axes.set(yscale="log", ylabel="bound / measured")
    axes.legend(fontsize=7)


def _noise(axes: "Axes", noise: xr.Dataset) -> None:
    runs = of_family(noise, "quadratic")
    by_coupling = series(runs, "coupling")
    colours = family_colours(len(by_coupling))
    for (k, some), marker, colour in zip(by_coupling, MARKERS, colours, strict=False):
        measured = Measured.read(some, "trace")
        draw_measured(axes, some["agents"], measured, f"$k={k:g}$", marker=marker, colour=colour)
    first = by_coupling[0][1]
    axes.plot(
        first["agents"], first["expected"], "--", color="black", lw=1.0, label=r"$\eta C/(bp)$"
    )
    logarithmic(axes, np.unique(runs["agents"].values).tolist(), LABELS["agents"])
    axes.set(yscale="log", ylabel="trace of the covariance")
    axes.legend(fontsize=7)
