"""The picture of synchronization: distances in time, rates over k, spreads that settle."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.shared.drawing import LABELS, draw_measured, logarithmic
from sims.shared.grids import part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TIME = r"time $t\,(k-\bar\lambda)$"
STARTS = {"wide": ("o", "convolved"), "flattest": ("s", "accent")}
NOISY = (
    ("round quadratic", False, r"$f=\frac{1}{2}\|x\|^2$", "o", "convolved"),
    ("double well", False, "double well", "s", "accent"),
    ("double well", True, "double well, own gains", "^", "second"),
)


def draw(result: xr.Dataset) -> "Figure":
    """Draw what the theory says of synchronization beside what is measured."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.6), layout="constrained")
    panels = figure.subplots(3, 3)
    flows = part(result, "flow")
    _distances(panels[0, 0], _of(flows, "QSGD", "double well"), result["relative_time"].values)
    places = (
        ("QSGD", "log-cosh", "QSGD, log-cosh"),
        ("QSGD", "double well", "QSGD, double well"),
        ("EASGD", "double well", "EASGD, double well"),
        ("state-dependent", "double well", "gains of their own, double well"),
    )
    for axes, (method, family, _) in zip(panels.flat[1:], places, strict=False):
        _rates(axes, _of(flows, method, family))
    _momentum(panels[1, 2], _of(flows, "momentum", "log-cosh"))
    noisy = part(result, "noisy")
    _settling(panels[2, 0], noisy)
    _mean(panels[2, 1], noisy)
    _uneven(panels[2, 2], part(result, "uneven"))
    titles = (
        "slowest pair, QSGD, double well",
        *(title for _, _, title in places),
        "momentum, log-cosh",
        "own learning rates: spread",
        "own learning rates: mean",
        "steps that scale drifts",
    )
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 1])
    return figure


def _of(flows: xr.Dataset, method: str, family: str) -> xr.Dataset:
    return flows.isel(setting=((flows["method"] == method) & (flows["family"] == family)).values)


def _distances(axes: "Axes", runs: xr.Dataset, times: np.ndarray) -> None:
    """Draw what is left of the largest distance, for every start and k, on the bound."""
    fine = np.linspace(0, times.max(), 200)
    axes.plot(fine, np.exp(-fine), color="black", lw=1.0, label=r"bound $e^{-(k-\bar\lambda)t}$")
    colours = family_colours(runs.sizes["setting"] // 2)
    for start, (marker, _) in STARTS.items():
        some = runs.isel(setting=(runs["start"] == start).values)
        for number, colour in enumerate(colours):
            k = float(some["coupling"][number])
            label = f"$k={k:g}$" if start == "wide" else None
            share = some["share"].values[number]
            axes.plot(times, share, marker, ms=4, mfc="none", color=colour, label=label)
    axes.set(yscale="log", xlabel=TIME, ylabel=r"$d(t)/d(0)$", ylim=(1e-7, 1.5), xlim=(0, 8.3))
    axes.legend(fontsize=7, ncols=2, loc="lower left")


def _rates(axes: "Axes", runs: xr.Dataset) -> None:
    """Draw measured rates as multiples of the proved ones."""
    axes.axhline(1.0, color="black", lw=1.0, label="proved")
    for start, (marker, tint) in STARTS.items():
        some = runs.isel(setting=(runs["start"] == start).values)
        label = {"wide": "measured, wide starts", "flattest": "measured, where $f$ is flattest"}
        ratio = some["measured"] / some["proved"]
        axes.plot(
            some["coupling"], ratio, marker, ms=5, mfc="none", color=COLOURS[tint],
            label=label[start],
        )  # fmt: skip
    values = np.unique(runs["coupling"].values).tolist()
    ticks = values[:1]
    for value in values[1:]:
        # labels of values that are closer would touch
        if value > 1.5 * ticks[-1]:
            ticks.append(value)
    logarithmic(axes, ticks, LABELS["coupling"], linear=0.0 if values[0] > 0 else 1.0)
    top = max(1.3, 1.05 * float((runs["measured"] / runs["proved"]).max()))
    axes.set(ylabel="rate / proved rate", ylim=(0.9, top))


def _momentum(axes: "Axes", runs: xr.Dataset) -> None:
    place = np.arange(runs.sizes["setting"])
    names = [
        f"{k1:g}, {k2:g}, {mu:g}"
        for k1, k2, mu in zip(
            runs["coupling"].values,
            runs["velocity_coupling"].values,
            runs["damping"].values,
            strict=True,
        )
    ]
    axes.plot(place, runs["measured"], "o", ms=5, mfc="none", color=COLOURS["convolved"])
    axes.plot(place, runs["proved"], "_", ms=12, color="black")
    axes.set_xticks(place, names, rotation=30, ha="right", fontsize=7)
    axes.set(xlabel=r"$k_1, k_2, \mu$", ylabel="rate", ylim=(0, None))


def _settling(axes: "Axes", noisy: xr.Dataset) -> None:
    for family, own, name, marker, tint in NOISY:
        chosen = (noisy["family"] == family) & (noisy["state_dependent"].astype(bool) == own)
        runs = noisy.isel(setting=chosen.values)
        level = runs["level"].values
        measured = Measured.read(runs, "spread")
        draw_measured(
            axes, runs["time"], measured, name, scale=1 / level, marker=marker,
            colour=COLOURS[tint],
        )  # fmt: skip
    axes.plot(runs["time"], runs["bound"] / level, color="black", lw=1.0, label="bound")
    axes.set(xscale="log", yscale="log", xlabel=TIME, ylabel="spread / (22) with mean $\\eta$")
    axes.legend(fontsize=7)


def _mean(axes: "Axes", noisy: xr.Dataset) -> None:
    runs = noisy.isel(setting=(noisy["family"] == "round quadratic").values)
    measured = Measured.read(runs, "mean")
    draw_measured(axes, runs["time"], measured, r"$f=\frac{1}{2}\|x\|^2$")
    axes.plot(runs["time"], runs["mean_exact"], "--", color="black", lw=1.0, label="exact value")
    axes.set(xscale="log", yscale="log", xlabel=TIME, ylabel=r"$\mathsf{E}\,\|x^\bullet\|^2$")
    axes.legend(fontsize=7)


def _uneven(axes: "Axes", uneven: xr.Dataset) -> None:
    axes.axhline(1.0, color=COLOURS["accent"], lw=1.0, label=r"(22) with mean $\eta$")
    axes.plot(uneven["theta"], uneven["expected"], "--", color="black", lw=1.0, label="exact value")
    draw_measured(axes, uneven["theta"], Measured.read(uneven, "factor"), "simulation")
    axes.set(xlabel=r"unevenness $\theta$ of the learning rates", ylabel="spread / (22)")
    axes.legend(fontsize=7)
