"""The picture of final laws, of their change with dt, and of how far SGD is from its equation."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.densities import kernel_density
from sdeopt.plot.style import COLOURS, panel_titles
from sims.sde.claims import ASYMPTOTIC, SMALL, departure, halved
from sims.sde.comparing import jackknifed
from sims.sde.law_claims import couplings_of, law_of, shares
from sims.sde.laws import ITERATION
from sims.sde.model import METHODS, Array, rugged
from sims.sde.orders import sizes
from sims.shared.drawing import MARKERS, draw_measured, logarithmic
from sims.shared.grids import part, unprefixed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4

SHORT = {"QSGD with momentum": "QSGD, mom.", "EASGD with momentum": "EASGD, mom."}
"""Names for titles and legends."""

TINTS = ("convolved", "accent", "second", "third", "loss", "mean")
"""Of methods, in the order of `METHODS`."""

POSITIONS = np.linspace(-2.6, 2.6, 1041)
"""Where densities are drawn."""

KERNELS = {
    "rugged": {"agents": 0.035, "mean": 0.08, "quorum": 0.08},
    "coupled": {"agents": 0.1, "mean": 0.1, "quorum": 0.1},
}
"""Standard deviations of kernels: for agents on the rugged loss far less than a ripple, 0.29 long."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw laws on both losses, changes with dt, the departure of SGD, and couplings."""
    from matplotlib.figure import Figure

    chosen = _chosen(result)
    rows = -(-len(chosen) // COLUMNS) + 1
    figure = Figure(figsize=(12.4, 2.35 * rows + 1.4), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False, height_ratios=[1.0] * (rows - 1) + [1.25])
    panels = grid[:-1].ravel()
    for axes, (loss, method, coupling) in zip(panels, chosen, strict=False):
        laws = unprefixed(result, f"{loss}_law")
        _law(axes, laws, loss, method, coupling)
    for unused in panels[len(chosen) :]:
        unused.remove()
    _orders(grid[-1, 0], result, "rugged")
    _orders(grid[-1, 1], result, "coupled")
    _departure(grid[-1, 2], part(result, "ripples"))
    _left(grid[-1, 3], unprefixed(result, "rugged_law"))
    titles = [
        f"{loss}: {SHORT.get(method, method)}" + (f", $k = {k:g}$" if k else "")
        for loss, method, k in chosen
    ]
    titles += [
        "rugged: law at $dt$ and $dt/2$",
        "coupled: law at $dt$ and $dt/2$",
        "rugged: SGD and its SDE",
        "rugged: means off their start",
    ]
    panel_titles([*panels[: len(chosen)], *grid[-1]], titles)
    named: dict[str, Artist] = {}
    for axes in panels[: len(chosen)]:
        handles, labels = axes.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    figure.legend(named.values(), named.keys(), loc="outside upper center", ncols=len(named))
    return figure


def _chosen(result: xr.Dataset) -> list[tuple[str, str, float]]:
    """Return the loss, method and coupling of each panel of laws."""
    found = []
    for loss in ("rugged", "coupled"):
        laws = unprefixed(result, f"{loss}_law")
        shown = {float(result["usual_coupling"]), float(result["strong_coupling"])}
        for method, k in zip(laws["algorithm"].values, laws["coupling"].values, strict=True):
            ladder = couplings_of(laws, str(method))
            first = k == ladder[0] if METHODS[str(method)].momentum else k in shown
            if loss == "coupled" or method == "SGD" or first:
                found.append((loss, str(method), float(k)))
    return found


def _law(axes: "Axes", laws: xr.Dataset, loss: str, method: str, coupling: float) -> None:
    """Draw the densities of a method: its equation upwards, its iteration downwards."""
    x = POSITIONS
    if loss == "rugged":
        heights = rugged(1).loss.value(x[:, None])
        scaled = 0.05 + 0.55 * (heights - heights.min()) / (0.6 - heights.min())
        shown = np.where(scaled < 1.0, scaled, np.nan)
        axes.plot(x, shown, color=COLOURS["loss"], lw=0.7, label="true loss (scaled)")
    for form, sign, name in (("", 1.0, "SDE"), (ITERATION, -1.0, "iteration")):
        law = law_of(laws, method, coupling, form)
        axes.text(
            0.01, 0.5 + 0.47 * sign, name, transform=axes.transAxes, fontsize=7.5, va="center"
        )
        finite = np.isfinite(law["mean"].values).all(axis=-1)
        if not finite.any():
            axes.text(0.0, -0.5, "diverges", ha="center", va="center", color=COLOURS["accent"])
            continue
        for what, kernel in KERNELS[loss].items():
            if what == "quorum" and np.array_equal(law["mean"], law["quorum"], equal_nan=True):
                continue
            curve = kernel_density(law[what].values[finite], x, kernel)
            _curve(axes, what, sign * curve / curve.max(), named=sign > 0)
    axes.axhline(0.0, color="0.3", lw=0.6)
    axes.set(xlim=(x[0], x[-1]), ylim=(-1.08, 1.08), yticks=[], xlabel="a coordinate $x$")
    axes.set_ylabel("density (scaled)")
    axes.spines["left"].set_visible(False)


def _curve(axes: "Axes", what: str, curve: Array, *, named: bool) -> None:
    """Draw one density: of agents as an area, of their mean and their quorum variable as a line."""
    if what == "agents":
        label = "agents $x^i$" if named else None
        axes.fill_between(POSITIONS, curve, color=COLOURS["agents"], alpha=0.5, lw=0, label=label)
    elif what == "mean":
        label = "mean $x^\\bullet$" if named else None
        axes.plot(POSITIONS, curve, color=COLOURS["mean"], lw=1.1, label=label)
    else:
        label = "quorum variable, where it is not the mean" if named else None
        axes.plot(POSITIONS, curve, color=COLOURS["accent"], ls=(0, (3, 1.5)), lw=1.1, label=label)


def _orders(axes: "Axes", result: xr.Dataset, loss: str) -> None:
    """Draw the distance of laws at dt and dt/2 over dt × curvature."""
    for (name, run), marker in zip(halved(result, loss), MARKERS, strict=False):
        number, found = run["number"].values, jackknifed(sizes(run, "distance"))
        seen = found.value > 0
        label = SHORT.get(name, name)
        draw_measured(axes, number[seen], found.at(seen), label, marker=marker, colour=_tint(name))
        axes.plot(number[seen], found.value[seen], color=_tint(name), lw=0.7)
        if name == "QSGD":
            ends = number[[0, -1]]
            line = found.value[-1] / number[-1] * ends
            axes.plot(ends, line, "--", color="black", lw=1.0, label="slope 1")
    axes.axvline(ASYMPTOTIC, color="0.5", lw=0.8, ls=":", label="fitted up to here")
    axes.set_yscale("log")
    logarithmic(axes, [0.01, 0.1, 1, 10], r"$dt$ $\times$ curvature (with momentum, $/\mu$)")
    axes.set_ylabel("Cramér’s distance")
    axes.legend(fontsize=6.5, loc="lower right")


def _departure(axes: "Axes", ripples: xr.Dataset) -> None:
    """Draw how far iterations are from the equation, over the number that decides it."""
    away, number = departure(ripples), ripples["number"].values
    frequencies, amplitudes = (
        np.unique(ripples[name].values)[::-1] for name in ("frequency", "amplitude")
    )
    for tint, frequency in zip(TINTS, frequencies, strict=False):
        for marker, amplitude in zip(MARKERS, amplitudes, strict=False):
            same = ripples["frequency"].values == frequency
            kept = np.flatnonzero(same & (ripples["amplitude"].values == amplitude))
            label = f"$A = {amplitude:g}$, $w = {frequency:g}$"
            draw_measured(
                axes, number[kept], away.at(kept), label, marker=marker, colour=COLOURS[tint]
            )
    ends = np.array([number.min(), SMALL])
    share = float(np.median(away.value[number <= SMALL] / number[number <= SMALL]))
    axes.plot(ends, share * ends, "--", color="black", lw=1.0, label=rf"${share:.2f}\,\eta Aw^2$")
    axes.axvline(SMALL, color="0.5", lw=0.8, ls=":", label="fitted up to here")
    axes.set(xscale="log", yscale="log", ylim=(2e-3, 1.0))
    axes.set(xlabel=r"$\eta A w^2$, at constant $\eta W^2$")
    axes.set_ylabel(r"difference of $\mathsf{E}\,\cos wx$")
    axes.legend(fontsize=6.5, loc="lower right")


def _left(axes: "Axes", laws: xr.Dataset) -> None:
    """Draw the share of means that have left their start over k, with standard errors."""
    count, ticks = laws.sizes["replica"], [1, 2, 4, 8, 16, 32, 64]
    for method, marker in (("QSGD", "o"), ("QSGD with momentum", "s")):
        couplings = couplings_of(laws, method)
        if not couplings.size:
            continue
        for form, dash, name in (("", "-", "SDE"), (ITERATION, ":", "iteration")):
            share = shares(laws, method, form).mean(axis=0)
            axes.errorbar(
                couplings,
                share,
                np.sqrt(share * (1.0 - share) / count),
                ls=dash,
                marker=marker,
                ms=4,
                mfc="none",
                lw=1.1,
                color=_tint(method),
                label=f"{SHORT.get(method, method)}, {name}",
            )
    axes.axhline(0.5, color="0.5", lw=0.8, ls=":")
    logarithmic(axes, ticks, "coupling $k$")
    axes.set(ylim=(0, 1.32), yticks=np.linspace(0, 1, 6), ylabel="share of replicas")
    axes.legend(fontsize=6.5, loc="upper center", ncols=2)


def _tint(method: str) -> str:
    return COLOURS[TINTS[list(METHODS).index(method)]]
