"""The picture of the phase diagram: which coupling to use at a noise level."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.plot.style import COLOURS, panel_titles
from sims.phase.diagram import Diagram, Law
from sims.phase.prefactor import Steepness
from sims.shared.drawing import plain_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure, FigureBase

Array: TypeAlias = NDArray[np.float64]

MISSING: dict[str, Any] = {"facecolor": "0.85", "edgecolor": "0.55", "hatch": "////"}
"""How couplings without a value are drawn."""

STYLES = (
    (COLOURS["loss"], "v"),
    (COLOURS["second"], "s"),
    (COLOURS["convolved"], "o"),
    (COLOURS["mean"], "D"),
)
"""A colour and a marker for each number of agents; more begin anew."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw the diagram for the most agents, and how the best coupling and its value scale."""
    from matplotlib.figure import Figure

    diagram = Diagram(result)
    law = diagram.law()
    steps = result["step_size"].values
    figure = Figure(figsize=(max(11.4, 2.7 * len(steps)), 6.6), layout="constrained")
    rows = figure.add_gridspec(2, 1, height_ratios=(1.15, 1.0))
    upper, lower = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    maps = upper.subplots(1, len(steps), sharex=True, sharey=True, squeeze=False)[0]
    for axes, eta in zip(maps, steps, strict=True):
        mesh = _map(axes, diagram, law, eta)
        axes.set_xlabel("noise half-width $W$")
    maps[0].set_ylabel("coupling $k$")
    bar = upper.colorbar(mesh, ax=list(maps), pad=0.01, aspect=15, extend="min")
    bar.set_label("descent: 0 start, 1 global minimum")
    _legend_below(upper, maps[-1])
    curves, scaling, value, steep = lower.subplots(1, 4)
    _curves(curves, diagram)
    _scaling(scaling, diagram, law)
    _value(value, diagram)
    _steepness(steep, Steepness(result, diagram))
    titles = [rf"$\eta = {eta:g}$, $p = {diagram.most_agents}$" for eta in steps]
    titles += [
        "one map, as curves",
        "good couplings and middle",
        "value at the best coupling",
        "over the prefactor",
    ]
    panel_titles([*maps, curves, scaling, value, steep], titles)
    return figure


def _steepness(axes: "Axes", steepness: Steepness) -> None:
    """Draw the best coupling over the prefactor of the loss, a line for each noise width."""
    best = steepness.best()
    for (width, one), marker in zip(best.groupby("half_width"), "osD^vPX", strict=False):
        row = one.squeeze("half_width", drop=True)
        if row.notnull().any():
            axes.plot(
                row["prefactor"], row, marker, ls="-", lw=1, mfc="none", ms=5, label=f"{width:.3g}"
            )
    axes.set(xscale="log", yscale="log", xlabel="prefactor $s$ of the loss")
    axes.set_ylabel(r"best $\kappa$")
    values = best["prefactor"].values
    axes.set_xticks(values, [f"{value:.2g}" for value in values])
    axes.minorticks_off()
    plain_ticks(axes)
    axes.legend(title=rf"$W$, at $\eta = {steepness.step_size:g}$", fontsize=7, title_fontsize=7)


def _legend_below(figure: "FigureBase", axes: "Axes") -> None:
    """Put the legend of a map below all maps, on a ground on which its white marks are seen."""
    from matplotlib.patches import Patch

    handles, labels = axes.get_legend_handles_labels()
    handles.append(Patch(**MISSING))
    labels.append("not stable, no value")
    legend = figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=(len(labels) + 1) // 2,
        frameon=True,
    )
    legend.get_frame().set(facecolor="0.6", edgecolor="none")


def _edges(centres: Array) -> Array:
    """Return the borders of cells around numbers that are evenly spaced in their logarithm."""
    log = np.log(centres)
    middle = 0.5 * (log[1:] + log[:-1])
    ends = 2 * log[0] - middle[0], 2 * log[-1] - middle[-1]
    borders: Array = np.exp(np.concatenate([ends[:1], middle, ends[1:]]))
    return borders


def _map(axes: "Axes", diagram: Diagram, law: Law, eta: float) -> "QuadMesh":
    """Draw descent over noise width and coupling at one step size."""
    cell = {"step_size": eta, "agent_count": diagram.most_agents}
    cells = diagram.descent.sel(cell).isel(coupling=slice(1, None))
    heights = cells.mean("replica", skipna=False).transpose("coupling", "half_width")
    widths, couplings = cells["half_width"].values, cells["coupling"].values
    axes.set(xscale="log", yscale="log")
    axes.patch.set(**MISSING)
    mesh = axes.pcolormesh(
        _edges(widths), _edges(couplings), heights.values, vmin=0, vmax=1, cmap="cividis"
    )
    mesh.set_rasterized(True)
    best, works = diagram.best.sel(cell), diagram.value.sel(cell) > 0
    clear = diagram.has_law.sel(cell)
    for chosen, face, label in (
        (works & clear, "white", "best $k$"),
        (works & ~clear, "none", "best $k$, not clear"),
    ):
        axes.plot(
            widths,
            best.where(chosen).values,
            "o",
            mfc=face,
            mec="white",
            ms=5,
            label=label,
        )
    lowest = np.where(works.values, np.nan, couplings[0])
    axes.plot(widths, lowest, "x", color="white", ms=6, label="no $k$ descends")
    borders = _edges(widths)
    fine = np.geomspace(borders[0], borders[-1], 400)
    axes.plot(
        fine,
        law.coupling(fine, eta, diagram.most_agents),
        color=COLOURS["accent"],
        lw=2,
        label="fitted law",
    )
    axes.axhline(
        1 / eta, color="white", ls="--", lw=1, label=r"$1/\eta$: beyond, a step overshoots"
    )
    axes.set_xticks(widths, [f"{width:.3g}" for width in widths])
    axes.minorticks_off()
    axes.set_ylim(*_edges(couplings)[[0, -1]])
    return mesh


def _curves(axes: "Axes", diagram: Diagram) -> None:
    """Draw descent against the coupling for every noise width, at the middle step size."""
    steps = diagram.descent["step_size"].values
    eta = steps[len(steps) // 2]
    cells = diagram.descent.sel(step_size=eta, agent_count=diagram.most_agents)
    heights = cells.isel(coupling=slice(1, None)).mean("replica", skipna=False)
    widths = heights["half_width"].values
    for index, width in enumerate(widths):
        shade = 0.85 * (1 - index / max(len(widths) - 1, 1))
        axes.plot(
            heights["coupling"],
            heights.sel(half_width=width),
            color=str(shade),
            ls=("-", "--")[index % 2],
            label=f"{width:.3g}",
        )
    axes.set(xscale="log", xlabel="coupling $k$", ylabel="descent", ylim=(-0.45, 1.5))
    axes.set_xlim(right=1 / eta)
    axes.set_yticks([0.0, 0.5, 1.0])
    axes.legend(
        title=rf"noise half-width $W$, at $\eta = {eta:g}$",
        ncols=3,
        loc="upper center",
        fontsize=7,
        title_fontsize=7,
    )


def _scaling(axes: "Axes", diagram: Diagram, law: Law) -> None:
    """Draw the good couplings against the temperature, with the fitted law and the theory."""
    good = diagram.measured.where(diagram.has_law)
    counts = good["agent_count"].values
    for index, p in enumerate(counts):
        colour, marker = STYLES[index % len(STYLES)]
        heat, (low, high) = _by_heat(good.sel(agent_count=p))
        # Set beside each other what would fall together.
        heat = heat * 1.06 ** (index - 0.5 * len(counts) + 0.5)
        axes.vlines(heat, low, high, color=colour, lw=1)
        axes.plot(
            heat,
            np.sqrt(low * high),
            marker,
            color=colour,
            mfc="none",
            ms=5,
            label=f"$p = {p}$",
        )
    heat, (low, high) = _by_heat(diagram.predicted.where(diagram.has_law.any("agent_count")))
    axes.fill_between(heat, low, high, color="0.85", label=r"theory, $p = \infty$")
    typical = np.exp(np.log(counts).mean())
    powers = {name: power.value for name, power in law.powers.items()}
    trend = law.constant.value * heat ** powers["step_size"] * typical ** powers["agent_count"]
    axes.plot(
        heat,
        trend,
        color=COLOURS["accent"],
        lw=2,
        label=rf"law, $\propto (\eta W^2)^{{{powers['step_size']:.2f}}}$",
    )
    axes.set(xscale="log", yscale="log", xlabel=r"temperature $\times 6$, $\eta W^2$")
    axes.set_ylabel(r"$\kappa = k(1 - \eta k/2)$")
    ticks = [1, 2, 5, 10]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.legend(fontsize=7)


def _by_heat(ends: xr.DataArray) -> tuple[Array, Array]:
    """Return ηW² and the ends of the windows (2, cells), by rising ηW², without the missing ones."""
    cells = ends.transpose("end", "step_size", "half_width")
    heat = (cells["step_size"] * cells["half_width"] ** 2).values.ravel()
    values = cells.values.reshape(2, -1)
    order = np.argsort(heat)
    order = order[np.isfinite(values).all(axis=0)[order]]
    return heat[order], values[:, order]


def _value(axes: "Axes", diagram: Diagram) -> None:
    """Draw the descent at the best coupling against the noise of one step."""
    explored = diagram.value.where(diagram.explores)
    noise = diagram.step_noise.broadcast_like(explored)
    for index, p in enumerate(explored["agent_count"].values):
        colour, marker = STYLES[index % len(STYLES)]
        x, y = (values.sel(agent_count=p).values.ravel() for values in (noise, explored))
        axes.plot(x, y, marker, color=colour, mfc="none", ms=5, label=f"$p = {p}$")
    axes.axvline(diagram.freeing, color=COLOURS["mean"], ls=":", lw=1)
    axes.text(
        diagram.freeing * 1.02,
        0.98,
        "wide enough to free the mean",
        rotation=90,
        fontsize=7,
        ha="left",
        va="top",
        transform=axes.get_xaxis_transform(),
    )
    axes.set(xlabel=r"noise of one step, $\eta W/\sqrt{3}$", ylabel="descent", ylim=(-0.45, 1.02))
    axes.legend(fontsize=7, loc="lower left")
