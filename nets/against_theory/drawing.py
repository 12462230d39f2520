"""Six panels of measured numbers beside what the theory predicts."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from nets.against_theory.claims import gaps
from nets.against_theory.configuration import FEWEST
from nets.against_theory.synchronization import Spread, curvature_bound, spread_of, varied
from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, DASHES, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPREAD = r"$\Sigma_i\,\|x^i-x^\bullet\|^2$"
NOISE = r"$\mathsf{E}\,\|\hat g-\nabla f\|^2$"


def draw(result: xr.Dataset) -> "Figure":
    """Draw noise, curvature, spread and the SDE limit."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 5.8), layout="constrained")
    panels = figure.subplots(2, 3)
    _batches(panels[0, 0], result)
    _path(panels[0, 1], result)
    _couplings(panels[0, 2], result)
    _numbers(panels[1, 0], result)
    _mean_noise(panels[1, 1], result)
    _svag(panels[1, 2], result)
    p, k = int(result["agents"][0]), float(result["coupling"][0])
    titles = [
        "noise of a gradient",
        f"curvature on the path, $p={p}$, $k={k:g}$",
        f"spread against coupling, $p={p}$",
        f"spread against agents, $k={k:g}$",
        "noise of the mean",
        "SGD and its SDE: training loss",
    ]
    panel_titles(list(panels.flat), titles)
    return figure


def _points(axes: "Axes", x: ArrayLike, found: Measured, label: str, **style: Any) -> None:
    _with_limits(axes, x, found.value, found.reach(), label=label, **style)


def _with_limits(
    axes: "Axes", x: ArrayLike, value: ArrayLike, reach: ArrayLike, **style: Any
) -> None:
    default = {"ls": "none", "marker": "o", "ms": 4.5, "mfc": "none", "capsize": 2, "elinewidth": 1}
    axes.errorbar(x, value, reach, **{**default, **style})


def _powers(axes: "Axes", ticks: ArrayLike, label: str) -> None:
    from matplotlib.ticker import LogLocator, StrMethodFormatter

    values = np.asarray(ticks)
    axes.set(xscale="log", yscale="log", xlabel=label)
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.minorticks_off()


def _batches(axes: "Axes", result: xr.Dataset) -> None:
    batches, trace = result["batch"].values, float(result["trace"][-1])
    lines = (
        ("with_replacement", "with replacement", "o", COLOURS["convolved"]),
        ("without_replacement", "without", "s", COLOURS["second"]),
    )
    for name, label, marker, colour in lines:
        samples = result[name].transpose("batch", "repeat").values
        _points(axes, batches, Measured.of(samples), label, marker=marker, color=colour)
    axes.plot(batches, trace / batches, color=COLOURS["accent"], label=r"$\mathrm{tr}\,\Sigma/b$")
    exact = trace * result["factor"].values
    axes.plot(batches, exact, "--", color="black", lw=1, label="exact, without")
    _powers(axes, batches, "batch $b$")
    axes.set_ylabel(NOISE)
    axes.legend(fontsize=7)


def _path(axes: "Axes", result: xr.Dataset) -> None:
    steps = result["snapshot"].values
    lines = (
        ("largest", r"largest of $\nabla^2 f$", "o", COLOURS["convolved"]),
        ("smallest", r"smallest of $\nabla^2 f$", "s", COLOURS["accent"]),
    )
    for (name, label, marker, colour), dash in zip(lines, DASHES, strict=False):
        values = result[name].values
        axes.plot(
            steps, values, ls=dash, marker=marker, ms=4, mfc="none", color=colour, label=label
        )
    curvature = (
        (result["pull"] / result["spread"]).isel(setting=0, snapshot=slice(1, None)).mean("run")
    )
    axes.plot(
        steps[1:], curvature, ls=DASHES[2], marker="^", ms=4, color="black", label="between agents"
    )
    axes.axhline(0, color="0.6", lw=0.6)
    axes.set(xlabel="step", ylabel="curvature")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))  # room for the legend
    axes.legend(fontsize=7, loc="upper right")


def _lemma(axes: "Axes", x: ArrayLike, spread: Spread) -> None:
    _points(axes, x, spread.measured, "measured", color=COLOURS["convolved"])
    axes.plot(x, spread.bound, color=COLOURS["accent"], marker=".", label="Lemma 3.1")


def _couplings(axes: "Axes", result: xr.Dataset) -> None:
    spread, bar = varied(spread_of(result), "coupling"), curvature_bound(result)
    _lemma(axes, spread.coupling, spread)
    balanced = spread.measured.value / spread.balance.value
    axes.plot(spread.coupling, balanced, "--", color="black", lw=1, label="noise = contraction")
    _powers(axes, spread.coupling, "coupling $k$")
    left = axes.get_xlim()[0]
    if bar > left:
        axes.axvspan(left, bar, color="0.9", lw=0, zorder=0)
        axes.text(0.06, 0.36, "no bound:\n" r"$k\leq\bar\lambda$", transform=axes.transAxes)
    axes.set_ylabel(SPREAD)
    axes.legend(fontsize=7, loc="lower left")


def _numbers(axes: "Axes", result: xr.Dataset) -> None:
    spread = varied(spread_of(result), "agents")
    _lemma(axes, spread.agents - 1, spread)
    through = spread.measured.value[-1] * (spread.agents - 1) / (spread.agents[-1] - 1)
    axes.plot(spread.agents - 1, through, "--", color="black", lw=1, label=r"$\propto p-1$")
    _powers(axes, spread.agents - 1, "agents less one, $p-1$")
    axes.set_ylabel(SPREAD)
    axes.legend(fontsize=7)


def _mean_noise(axes: "Axes", result: xr.Dataset) -> None:
    late = result.sel(snapshot=slice(int(result["stationary"]), None)).mean("snapshot")
    usual = late.isel(setting=(result["coupling"] == result["coupling"][0]).values)
    runs = usual.sortby("agents").transpose("setting", "run", ...)
    p = runs["agents"].values
    noise = Measured.of(runs["mean_noise"].values, fewest=FEWEST)
    _points(axes, p, noise, "measured", color=COLOURS["convolved"])
    alone = float(runs["agent_noise"].mean())
    axes.plot(p, alone / p, color=COLOURS["accent"], label="of one agent, over $p$")
    _powers(axes, p, "agents $p$")
    axes.set_ylabel(r"$\mathsf{E}\,\|$mean of $\hat g^i-\nabla f(x^i)\|^2$")
    axes.legend(fontsize=7)


def _svag(axes: "Axes", result: xr.Dataset) -> None:
    parts, found = result["parts"].values, gaps(result, "loss")
    band, markers = 100 * float(result["band"]), "os^Dv"
    colours = (*(COLOURS[name] for name in ("convolved", "accent", "second", "third")), "black")
    axes.axhspan(-band, band, color="0.9", lw=0, zorder=0)
    axes.axhline(0, color="0.6", lw=0.6)
    for row, rate in enumerate(result["rate"].values):
        value, reach = 100 * found.value[row], 100 * found.reach[row]
        style = {"marker": markers[row % 5], "color": colours[row % 5], "ls": DASHES[row % 4]}
        _with_limits(axes, parts[:-1], value, reach, label=rf"$\eta={rate:g}$", **style)
    axes.set(xscale="log", xlabel="parts $l$ of a step")
    axes.set_xticks(parts[:-1], [f"{value:g}" for value in parts[:-1]])
    axes.minorticks_off()
    axes.set_ylabel(f"% above $l={parts[-1]}$")
    axes.legend(fontsize=7)
