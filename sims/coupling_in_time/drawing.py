"""The picture of couplings that change in time: final losses beside those at every constant k."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.style import COLOURS, panel_titles
from sims.coupling_in_time.convex_drawing import draw_rising, draw_wandering
from sims.shared.drawing import MARKERS, logarithmic
from sims.shared.grids import part
from sims.shared.measures import Basins

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STANDARD_ERRORS = 2.0
"""Half the height of bars and bands."""

PLACES = ("upper right", None, "lower left", "upper center", "lower right", "upper left")
"""Of the legends; that of the first panel serves the second too."""

LINES = ("accent", "convolved", "second")
"""Colours of the couplings that change."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw final losses, where means end and when k is switched, and couplings on convex losses."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.8, 6.6), layout="constrained")
    panels = figure.subplots(2, 3).ravel()
    _losses(panels[0], result, "loss_of_mean")
    _losses(panels[1], result, "loss_of_agents")
    draw_rising(panels[2], part(result, "rising"), part(result, "convex"))
    _means(panels[3], result)
    _switches(panels[4], result)
    draw_wandering(panels[5], part(result, "convex"))
    titles = [
        "rugged loss: loss of the mean",
        "rugged loss: loss of the agents",
        "strongly convex: $k(t)$ rising",
        "rugged loss: where means end",
        "rugged loss: when $k$ is switched",
        "strongly convex: $k$ of state and time",
    ]
    panel_titles(list(panels), titles)
    for axes, place in zip(panels, PLACES, strict=True):
        if place is not None:
            axes.legend(fontsize=7, loc=place)
    return figure


def _changing(result: xr.Dataset) -> list[str]:
    return ["growing", *result["trigger"].values.tolist()]


def _losses(axes: "Axes", result: xr.Dataset, name: str) -> None:
    """Draw a final loss over constant k, and those of changing k as lines across."""
    k = result["coupling"].values
    average = result[name].mean("replica")
    error = result[name].std("replica", ddof=1) / np.sqrt(result.sizes["replica"])
    constant = [f"k = {value:g}" for value in k]
    axes.errorbar(
        k,
        average.sel(schedule=constant),
        STANDARD_ERRORS * error.sel(schedule=constant),
        color=COLOURS["mean"],
        marker=MARKERS[0],
        ms=4,
        lw=1.0,
        label="constant $k$ (bars, bands: ± two standard errors)",
    )
    for schedule, colour in zip(_changing(result), LINES, strict=True):
        value, reach = (float(one.sel(schedule=schedule)) for one in (average, error))
        axes.axhline(value, color=COLOURS[colour], lw=1.2, label=_label(schedule))
        low, high = value - STANDARD_ERRORS * reach, value + STANDARD_ERRORS * reach
        axes.axhspan(low, high, color=COLOURS[colour], alpha=0.2, lw=0)
    least = result["loss"].min().item()
    axes.axhline(least, color="0.6", lw=0.8, ls=":", label="least loss")
    ticks = [float(value) for value in (0, 1, 2, 4, 8, 25, 100) if value <= k[-1]]
    logarithmic(axes, ticks, "coupling $k$", linear=1.0)
    highest = float(average.sel(schedule=constant).max())
    # room for the legend above, and for the least loss below
    axes.set(ylabel="final loss", xlim=(-0.3, 1.3 * k[-1]))
    axes.set_ylim(least - 0.05 * (highest - least), highest + 0.15 * (highest - least))


def _label(schedule: str) -> str:
    return "growing in time" if schedule == "growing" else f"switched by the {schedule}"


def _means(axes: "Axes", result: xr.Dataset) -> None:
    """Draw in which minima of the true loss the means end, over the loss."""
    x, loss = result["position"].values, result["loss"].values
    inside = loss[np.abs(x) <= 2.2]
    axes.plot(
        x, (loss - inside.min()) / np.ptp(inside), color=COLOURS["loss"], lw=0.7, label="loss"
    )
    true = Basins.of(x, loss)
    early = f"k = {result['early'].item():g}"
    shown = {early: COLOURS["mean"]}
    shown |= {name: COLOURS[colour] for name, colour in zip(_changing(result), LINES, strict=True)}
    for (schedule, colour), marker in zip(shown.items(), MARKERS, strict=False):
        number = true.number(result["mean"].sel(schedule=schedule))
        shares = np.bincount(number, minlength=len(true.minima)) / number.size
        label = f"constant ${early}$" if schedule == early else _label(schedule)
        axes.plot(true.minima, shares, marker=marker, ms=4, lw=0.8, color=colour, label=label)
    axes.set(xlim=(-2.2, 2.2), ylim=(-0.02, 1.5), xlabel="parameter $x$")
    axes.set_ylabel("share of means, loss (scaled)")


def _switches(axes: "Axes", result: xr.Dataset) -> None:
    """Draw the share of replicas that have been switched, against time."""
    horizon = result["horizon"].item()
    for trigger, colour in zip(result["trigger"].values.tolist(), LINES[1:], strict=True):
        when = np.sort(result["switched_at"].sel(trigger=trigger).values) * horizon
        share = np.arange(1, len(when) + 1) / len(when)
        # those that are never switched stand at the end
        axes.step(when, share, where="post", color=COLOURS[colour], label=f"by the {trigger}")
    axes.set(xlabel="time", ylabel="share of replicas switched", ylim=(0, 1.05))
    # what is switched at the start shows beside the axis
    axes.set_xlim(-0.01 * horizon, horizon)
