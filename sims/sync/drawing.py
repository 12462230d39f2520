"""The picture of Lemma 3.1: the spread of the agents over k, p, η and n."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, DASHES, panel_titles, shared_legend
from sims.shared.drawing import (
    LABELS,
    MARKERS,
    draw_bound,
    draw_factor,
    draw_measured,
    draw_over,
    logarithmic,
    series,
)
from sims.shared.grids import shown
from sims.shared.verdicts import range_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPREAD = r"$\mathsf{E}\,\Sigma_i\|x^i-x^\bullet\|^2$"
TITLES = {
    "round quadratic": r"$f=\frac{1}{2}\|x\|^2$",
    "quadratic": "quadratic",
    "log-cosh": "log-cosh",
    "double well": "double well",
}
OTHERS = ("agents", "step_size", "dim")


def draw(result: xr.Dataset) -> "Figure":
    """Draw measured spread, bound and exact value."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.6), layout="constrained")
    panels = figure.subplots(3, 3)
    titles = []
    for axes, name in zip(panels.flat, TITLES, strict=False):
        runs = shown(result, "coupling", name)
        _over_coupling(axes, runs)
        titles.append(f"{TITLES[name]}: tightness {_ratio(runs)}")
    for axes, name in zip(panels.flat[4:], OTHERS, strict=False):
        runs = shown(result, name)
        draw_bound(axes, runs[name], runs["bound"])
        draw_measured(axes, runs[name], Measured.read(runs, "spread"), "simulation")
        logarithmic(axes, np.unique(runs[name].values).tolist(), LABELS[name])
        axes.set(yscale="log", ylabel=SPREAD)
        titles.append(f"log-cosh: tightness {_ratio(runs)}")
    _tightness(panels[2, 1], result)
    _rugged(panels[2, 2], result)
    titles += ["tightness, largest $p$", "rugged loss: no bound applies"]
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 0])
    return figure


def _ratio(runs: xr.Dataset) -> str:
    return range_of(runs["bound"] / runs["spread"])


def _over_coupling(axes: "Axes", runs: xr.Dataset) -> None:
    """Draw the spread of one agent more, which by (22) does not depend on p."""
    draw_over(
        axes,
        runs,
        "coupling",
        "spread",
        "agents",
        lambda p: f"simulation, $p={p:g}$",
        scale=lambda p: 1 / (p - 1),
    )
    p, first = series(runs, "agents")[0]
    share = 1 / (p - 1)
    draw_bound(axes, first["coupling"], first["bound"] * share, first["exact"].values * share)
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"], linear=1.0)
    axes.set(yscale="log", ylabel=f"{SPREAD} $/(p-1)$")


def _tightness(axes: "Axes", result: xr.Dataset) -> None:
    for name, marker, dash in zip(TITLES, MARKERS, DASHES, strict=False):
        runs = shown(result, "coupling", name)
        _, some = series(runs, "agents")[-1]
        factor = some["bound"] / some["spread"]
        draw_factor(axes, some["coupling"], factor, TITLES[name], marker=marker, ls=dash)
    ticks = np.unique(shown(result, "coupling", "quadratic")["coupling"].values)
    logarithmic(axes, ticks.tolist(), LABELS["coupling"], linear=1.0)
    axes.set(ylabel="bound / measured", ylim=(0.8, None))
    axes.legend(fontsize=7)


def _rugged(axes: "Axes", result: xr.Dataset) -> None:
    measured = Measured(
        result["rugged"].values,
        result["rugged_error"].values,
        np.full(result.sizes["rugged_coupling"], float(result["rugged_replicas"])),
    )
    k = result["rugged_coupling"].values
    draw_measured(axes, k, measured, "simulation", colour=COLOURS["second"], marker="D")
    axes.set(xlabel=LABELS["coupling"], ylabel=SPREAD, yscale="log")
    axes.annotate(
        rf"$\bar\lambda={float(result['rugged_curvature']):.0f}\gg k$",
        (0.95, 0.9),
        xycoords="axes fraction",
        ha="right",
        va="top",
    )
