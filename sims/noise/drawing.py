"""The picture of Theorem 3.2: the distortion and its bound, the noise of the mean."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, panel_titles
from sims.noise.claims import taylor_factor
from sims.shared.drawing import (
    LABELS,
    draw_bound,
    draw_factor,
    draw_measured,
    draw_over,
    logarithmic,
    plain_ticks,
    series,
)
from sims.shared.grids import of_family, part, shown
from sims.shared.verdicts import range_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LENGTH = r"$\mathsf{E}\,\|\epsilon\|$"
VARIED = ("agents", "step_size", "dim")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distortion with (31) over k, p, η and n, both factors of the bound, and the noise."""
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
    for axes in panels.flat:
        plain_ticks(axes)
    panel_titles(list(panels.flat), titles)
    return figure


def _tightness(words: str, runs: xr.Dataset) -> str:
    return f"{words}: tightness {range_of(runs['bound'] / runs['distortion'])}"


def _over_coupling(axes: "Axes", runs: xr.Dataset) -> None:
    """Draw a curve for each p; the bounds differ by (p − 1)/p."""
    draw_over(axes, runs, "coupling", "distortion", "agents", lambda p: f"$p={p:g}$")
    largest = series(runs, "agents")[-1][1]
    draw_bound(axes, largest["coupling"], largest["bound"], bound_label="bound, largest $p$")
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"], linear=1.0)
    axes.set(yscale="log", ylabel=LENGTH)
    bottom, _ = axes.get_ylim()
    axes.set_ylim(bottom=bottom / 8)  # room for the legend
    axes.legend(fontsize=7, loc="lower left")


def _factors(axes: "Axes", runs: xr.Dataset, name: str) -> None:
    for label, factor, dash, marker, colour in (
        ("whole: (31)", runs["bound"] / runs["distortion"], "-", "o", "accent"),
        ("spread: Lemma 3.1", runs["spread_bound"] / runs["spread"], "--", "s", "second"),
        (r"$\epsilon$ from the spread", taylor_factor(runs), ":", "^", "convolved"),
    ):
        draw_factor(axes, runs[name], factor, label, ls=dash, marker=marker, color=COLOURS[colour])
    x = np.unique(runs[name].values)
    logarithmic(axes, x.tolist(), LABELS[name], linear=1.0 if x[0] == 0 else 0.0)
    axes.set(yscale="log", ylabel="bound / measured")
    axes.legend(fontsize=7)


def _noise(axes: "Axes", noise: xr.Dataset) -> None:
    runs = of_family(noise, "quadratic")
    (first, _), *_ = draw_over(axes, runs, "agents", "trace", "coupling", lambda k: f"$k={k:g}$")
    axes.plot(
        first["agents"], first["expected"], "--", color="black", lw=1.0, label=r"$\eta C/(bp)$"
    )
    logarithmic(axes, np.unique(runs["agents"].values).tolist(), LABELS["agents"])
    axes.set(yscale="log", ylabel="trace of the covariance")
    axes.legend(fontsize=7)
