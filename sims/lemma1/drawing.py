"""The picture of Lemma 1: means and scatter of noisy linear models, and what breaks it."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import error_band
from sdeopt.plot.style import COLOURS, panel_titles
from sims.lemma1.claims import drifts
from sims.shared.drawing import MARKERS, draw_measured, series
from sims.shared.grids import part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TINTS = ("convolved", "accent", "second")


def draw(result: xr.Dataset) -> "Figure":
    """Draw weights, their scatter, noise with a mean, and two layers."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8.6, 6.2), layout="constrained")
    panels = figure.subplots(2, 2)
    _weights(panels[0, 0], part(result, "mean"))
    _scatter(panels[0, 1], part(result, "spread"))
    _biased(panels[1, 0], part(result, "biased"))
    _network(panels[1, 1], result)
    titles = (
        "weights of one of four learners",
        "scatter, uniform noise",
        "noise with a mean",
        "two layers: drift in one step",
    )
    panel_titles(list(panels.flat), titles)
    for axes in panels.flat[:3]:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 5, 10]))
    return figure


def _weights(axes: "Axes", means: xr.Dataset) -> None:
    """Draw the means of three weights on the weights without noise, with what the noise does."""
    chosen = (means["case"] == "learners") & (means["law"] == "uniform")
    for number, (tint, marker) in enumerate(zip(TINTS, MARKERS, strict=False)):
        runs = means.isel(setting=(chosen & (means["weight_number"] == number)).values)
        x, plain, reach = runs["round"], runs["plain"].values, runs["deviation"].values
        name = f"without noise, weight {number + 1}"
        error_band(axes, x, plain, reach, COLOURS[tint], label=name, lw=1.0)
        measured = Measured.read(runs, "shift")
        mean = plain + measured.value * reach
        axes.errorbar(
            x, mean, measured.reach() * reach, ls="none", marker=marker, ms=4, mfc="none",
            color=COLOURS[tint], elinewidth=0.8,
        )  # fmt: skip
    axes.plot([], [], "o", ms=4, mfc="none", color="black", label="mean under noise")
    axes.set(xlabel="round", ylabel="weight; band: one deviation")
    axes.legend(fontsize=7)


def _scatter(axes: "Axes", spread: xr.Dataset) -> None:
    """Draw the scatter of one model and of the average model beside their recursions."""
    lines = (
        ("serial", "one model", "serial", "accent"),
        ("learners", "one model", "one of four", "convolved"),
        ("learners", "average model", "average of four", "second"),
    )
    for (case, of, name, tint), marker in zip(lines, MARKERS, strict=False):
        chosen = (spread["case"] == case) & (spread["law"] == "uniform") & (spread["of"] == of)
        runs = spread.isel(setting=chosen.values)
        axes.plot(runs["round"], runs["exact"], color=COLOURS[tint], lw=1.0)
        measured = Measured.read(runs, "value")
        draw_measured(axes, runs["round"], measured, name, marker=marker, colour=COLOURS[tint])
    axes.plot([], [], color="black", lw=1.0, label="recursion")
    axes.set(xlabel="round", ylabel=r"$\mathsf{E}\,\|f-\mathsf{E}f\|^2$", ylim=(0, None))
    axes.legend(fontsize=7, ncols=2)


def _biased(axes: "Axes", biased: xr.Dataset) -> None:
    for (number, runs), marker, tint in zip(
        series(biased, "eigenvector"), MARKERS, TINTS, strict=False
    ):
        label = f"eigenvector {int(number) + 1}"
        measured = Measured.read(runs, "value")
        draw_measured(axes, runs["round"], measured, label, marker=marker, colour=COLOURS[tint])
        axes.plot(runs["round"], runs["exact"], color=COLOURS[tint], lw=1.0)
    axes.axhline(0, color="black", lw=0.6, ls="--", label="Lemma 1")
    axes.set(xlabel="round", ylabel="shift of the mean; lines: theory")
    axes.legend(fontsize=7)


def _network(axes: "Axes", result: xr.Dataset) -> None:
    layer, found = part(result, "layer"), drifts(result)
    ends = np.array([layer["exact"].min(), layer["exact"].max()])
    axes.plot(ends, ends, "--", color="black", lw=1.0, label="theory")
    for (name, runs), marker, tint, ratio in zip(
        series(layer, "layer"), MARKERS, TINTS, found.value, strict=False
    ):
        draw_measured(
            axes,
            runs["exact"],
            Measured.read(runs, "value"),
            f"weights of ${name}$: {ratio:.3f} of it",
            marker=marker,
            colour=COLOURS[tint],
        )
    axes.axhline(0, color="black", lw=0.6)
    axes.set(xlabel="expected drift", ylabel="measured drift")
    axes.legend(fontsize=7)
