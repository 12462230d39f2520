"""The picture of Lemma 5.5: variances of time averages as multiples of the closed form."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.average.measuring import excess
from sims.shared.drawing import LABELS, MARKERS, draw_measured, logarithmic, series
from sims.shared.grids import part, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RATIO = "variance / closed form"
NAMES = ("first direction", "second direction", "between them")
TINTS = ("convolved", "accent", "second")
APART = 0.15
"""Between points at one place, where places are one apart."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw measured variances of time averages over k, p, preconditioners, and of the best estimator."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.0, 6.0), layout="constrained")
    panels = figure.subplots(2, 3)
    for axes, name in zip(panels[0], ("coupling", "agents"), strict=False):
        runs = shown(result, name)
        values = np.unique(runs[name].values)
        _directions(axes, runs, np.searchsorted(values, runs[name].values))
        axes.set_xticks(range(len(values)), [f"{value:g}" for value in values])
        axes.set(xlabel=LABELS[name])
    _preconditioned(panels[0, 2], shown(result, "EASGD"))
    _preconditioned(panels[1, 0], shown(result, "preconditioner"))
    _own(panels[1, 1], result)
    _fisher(panels[1, 2], shown(result, "coupling"))
    for axes in (*panels[0], panels[1, 0]):
        axes.set(ylabel=RATIO, ylim=(0.85, 1.15))
    titles = (
        f"over the coupling, $p={int(shown(result, 'coupling')['agents'][0])}$",
        f"over the agents, $k={float(shown(result, 'agents')['coupling'][0]):g}$",
        f"EASGD, $p={int(shown(result, 'EASGD')['agents'][0])}$",
        "one preconditioner for all",
        "preconditioners of their own",
        "Fisher’s bound, first direction",
    )
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 0])
    return figure


def _directions(axes: "Axes", runs: xr.Dataset, place: NDArray[np.int64]) -> None:
    """Draw three points beside each other at every place."""
    axes.axhline(1.0, color="black", lw=0.8, ls="--", label="Lemma 5.5")
    for number, (name, tint) in enumerate(zip(NAMES, TINTS, strict=True)):
        chosen = (runs["direction"] == number).values
        x = place[chosen] + APART * (number - 1)
        measured = Measured.read(runs.isel(setting=chosen), "variance")
        draw_measured(axes, x, measured, name, marker=MARKERS[number], colour=COLOURS[tint])
        exact = runs["expected"].values[chosen]
        label = "exact, with the ends of windows" if number == 0 else None
        axes.plot(x, exact, "_", ms=11, color="black", mew=0.8, zorder=4, label=label)


def _preconditioned(axes: "Axes", runs: xr.Dataset) -> None:
    labels = [
        f"{name or 'plain'}\n$k={k:g}$"
        for name, k in zip(runs["preconditioner"].values, runs["coupling"].values, strict=True)
    ]
    order = list(dict.fromkeys(labels))
    _directions(axes, runs, np.array([order.index(label) for label in labels]))
    axes.set_xticks(range(len(order)), order)


def _own(axes: "Axes", result: xr.Dataset) -> None:
    own = part(result, "own")
    axes.axhline(1.0, color="black", lw=0.8, ls="--")
    words = ("coupling as it is", "coupling preconditioned")
    for (scaled, runs), name, marker, tint in zip(
        series(own, "scaled"), words, MARKERS, TINTS, strict=False
    ):
        measured = Measured.read(runs, "variance")
        draw_measured(axes, runs["coupling"], measured, name, marker=marker, colour=COLOURS[tint])
        if not scaled:
            k = np.geomspace(0.01, float(runs["coupling"].max()), 200)
            h, own_p = float(result["curvature"]), result["preconditioners"].values
            axes.plot(k, 1 + excess(h, own_p, k), ":", color="black", label="theory, the limit")
        axes.plot(runs["coupling"], runs["expected"], "_", ms=11, color="black", mew=0.8, zorder=4)
    logarithmic(axes, np.unique(own["coupling"].values).tolist(), LABELS["coupling"], linear=1.0)
    axes.set(ylabel=RATIO)
    axes.legend(fontsize=7, loc="upper left")


def _fisher(axes: "Axes", runs: xr.Dataset) -> None:
    """Draw time average and estimator of maximum likelihood beside the bound, over the coupling."""
    runs = runs.isel(setting=(runs["direction"] == 0).values)
    axes.axhline(1.0, color="black", lw=0.8, ls="--")
    place = np.arange(runs.sizes["setting"])
    for shift, (column, name), marker, tint in zip(
        (-APART, APART),
        (("variance", "time average"), ("likelihood", "maximum likelihood")),
        MARKERS,
        TINTS,
        strict=False,
    ):
        measured = Measured.read(runs, column)
        draw_measured(axes, place + shift, measured, name, marker=marker, colour=COLOURS[tint])
    axes.plot(place, runs["least"], "_", ms=20, color="black", label="bound, start included")
    axes.set_xticks(place, [f"{k:g}" for k in runs["coupling"].values])
    axes.set(
        xlabel=LABELS["coupling"], ylabel="variance / (Fisher information)⁻¹", ylim=(0.85, 1.2)
    )
    axes.legend(fontsize=7)
