"""The picture of stability: the plane (ηk, p) for two methods, the borders, the other order."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.shared.drawing import LABELS, MARKERS, logarithmic
from sims.stability.measuring import jury_border

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOVING_RATE = r"moving rate $\eta k$"
STEP = r"$q=\eta h$"


def draw(result: xr.Dataset) -> "Figure":
    """Draw where the iterations die out, and the borders of Jury."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 6.2), layout="constrained")
    panels = figure.subplots(2, 2)
    q = float(result["relative_step_for_map"])
    for axes, method in zip(panels[0], ("EASGD", "QSGD"), strict=True):
        _plane(axes, result, method)
    _borders(panels[1, 0], result)
    _other_order(panels[1, 1], result)
    titles = (
        f"EASGD at $q={q:g}$",
        f"QSGD at $q={q:g}$",
        "borders",
        rf"EASGD, $\tilde x$ updated with the new mean, $p={int(result['agents_for_new_mean'])}$",
    )
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 0])
    return figure


def _plane(axes: "Axes", result: xr.Dataset, method: str) -> None:
    runs = result.sel(algorithm=method)
    p, rate = np.meshgrid(runs["agents"].values, runs["moving_rate"].values, indexing="ij")
    stable = runs["dies_out"].values.astype(bool)
    axes.plot(rate[stable], p[stable], "o", ms=3.5, color=COLOURS["convolved"], label="dies out")
    axes.plot(rate[~stable], p[~stable], "x", ms=3.5, mew=0.8, color=COLOURS["loss"], label="grows")
    place = int(
        np.argmin(np.abs(runs["relative_step"].values - float(result["relative_step_for_map"])))
    )
    axes.plot(
        runs["jury"].values[place],
        runs["agents"].values,
        "-",
        color="black",
        label="border of Jury",
    )
    axes.set_yscale("log")
    ticks = runs["agents"].values[:: max(1, runs.sizes["agents"] // 6)]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    logarithmic(axes, [0.01, 0.03, 0.1, 0.3, 1, 3], MOVING_RATE)
    axes.set(ylabel=LABELS["agents"])


def _borders(axes: "Axes", result: xr.Dataset) -> None:
    """Draw the simulated borders over q as points on the lines of Jury."""
    q = result["relative_step"].values
    fine = np.linspace(0.02, 1.98, 200)
    shown = result["agents"].values[:: max(1, result.sizes["agents"] // 4)]
    colours = family_colours(len(shown))
    for p, colour, marker in zip(shown, colours, MARKERS[1:], strict=False):
        easgd = result["border"].sel(algorithm="EASGD", agents=p)
        axes.plot(fine, jury_border("EASGD", p, fine), color=colour, lw=1.0)
        axes.plot(q, easgd, marker, ms=4.5, mfc="none", color=colour, label=f"EASGD, $p={p}$")
    qsgd = result["border"].sel(algorithm="QSGD").values
    axes.plot(fine, jury_border("QSGD", 2, fine), "--", color=COLOURS["accent"], lw=1.0)
    for row in qsgd.T:
        axes.plot(q, row, "o", ms=4.5, mfc="none", color=COLOURS["accent"])
    axes.plot([], [], "o", ms=4.5, mfc="none", color=COLOURS["accent"], label="QSGD, all $p$")
    axes.set(yscale="log", xlabel=STEP, ylabel=r"largest stable $\eta k$", ylim=(None, 8))
    axes.legend(fontsize=7, ncols=2, loc="upper right")


def _other_order(axes: "Axes", result: xr.Dataset) -> None:
    rate = result["new_moving_rate"].values
    stable = result["new_dies_out"].values.astype(bool)
    margin = result["new_margin"].values
    axes.axhline(0, color="black", lw=0.6)
    axes.plot(rate, margin, color="black", lw=1.0)
    axes.plot(rate[stable], margin[stable], "o", ms=3, color=COLOURS["convolved"])
    axes.plot(rate[~stable], margin[~stable], "x", ms=3.5, mew=0.8, color=COLOURS["loss"])
    axes.set(xlabel=MOVING_RATE, ylabel="margin: stable where positive", xlim=(0, 1), ylim=(-1, 1))
