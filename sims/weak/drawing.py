"""The picture of weak errors over the learning rate, with slopes 1 and 2."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.shared.drawing import LABELS, MARKERS, draw_measured
from sims.weak.claims import exact_slope, measured_errors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = {"flow": "no noise", "order 1": "eq. (2)", "order 2": "eq. (1)"}
TINTS = {"flow": "third", "order 1": "convolved", "order 2": "accent"}
TITLES = {
    "mean": r"Gaussian noise: $\mathsf{E}\,x$",
    "exponential": r"Gaussian noise: $\mathsf{E}\,e^{-x}$",
    "variance": r"Gaussian noise: $\mathsf{Var}\,x$",
}


def draw(result: xr.Dataset) -> "Figure":
    """Draw weak errors beside lines of slopes 1 and 2."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 6.2), layout="constrained")
    panels = figure.subplots(2, 2)
    for axes, moment in zip(panels.flat, TITLES, strict=False):
        _measured(axes, result, moment)
    _exact(panels[1, 1], result)
    for axes in panels.flat:
        axes.set_xscale("log", base=2)
        axes.set(yscale="log", xlabel=LABELS["step_size"], ylabel="weak error")
    titles = [*TITLES.values(), "minibatches: exact"]
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 0])
    return figure


def _measured(axes: "Axes", result: xr.Dataset, moment: str) -> None:
    eta = result["step_size"].values
    for (model, name), marker in zip(NAMES.items(), MARKERS, strict=False):
        found = measured_errors(result, model, moment)
        draw_measured(axes, eta, found, name, marker=marker, colour=COLOURS[TINTS[model]])
    for model, order, dash in (("order 1", 1, "--"), ("order 2", 2, ":")):
        level = measured_errors(result, model, moment).value[-1] / eta[-1] ** order
        if moment != "variance":
            label = f"slope {order}"
            axes.plot(eta, level * eta**order, dash, color="black", lw=1.0, label=label)
    if moment == "variance":
        axes.plot(eta, result["variance"], "-", color="black", lw=1.0, label="Var of SGD")
        axes.legend(fontsize=7)


def _exact(axes: "Axes", result: xr.Dataset) -> None:
    eta = result["exact_step_size"].values
    marks = {"mean": (r"$\mathsf{E}\,x$", "o"), "square": (r"$\mathsf{E}\,x^2$", "s")}
    for model in ("order 1", "order 2"):
        for moment, (name, marker) in marks.items():
            errors = result["exact_error"].sel(exact_model=model, exact_moment=moment)
            slope = exact_slope(result, model, moment).value
            axes.plot(
                eta,
                np.abs(errors.values),
                marker=marker,
                ls="-" if model == "order 1" else ":",
                mfc="none",
                ms=4.5,
                lw=1.0,
                color=COLOURS[TINTS[model]],
                label=f"{NAMES[model]}, {name}: {slope:.2f}",
            )
    axes.legend(fontsize=7)
