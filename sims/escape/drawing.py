"""The picture of basins and escapes."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.plot.style import COLOURS, panel_titles
from sims.escape.claims import STRONG
from sims.escape.passages import Array, Escapes, MeanTime
from sims.shared.drawing import logarithmic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES = (
    (COLOURS["convolved"], "-", "o"),
    (COLOURS["loss"], "--", "s"),
    (COLOURS["second"], "-.", "^"),
    (COLOURS["accent"], ":", "D"),
    (COLOURS["third"], (0, (5, 1)), "v"),
    (COLOURS["mean"], (0, (1, 1)), "x"),
)
"""A colour, a dash and a marker for each curve; more begin anew."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw the landscape, the basins at the end, and the escapes against time, k and p."""
    from matplotlib.figure import Figure

    escapes = Escapes(result)
    figure = Figure(figsize=(10.2, 6.2), layout="constrained")
    panels = figure.subplots(2, 3)
    _landscape(panels[0, 0], escapes)
    _basins(panels[0, 1], escapes)
    _survival(panels[0, 2], escapes)
    _times_of_mean(panels[1, 0], escapes)
    _times_against_agents(panels[1, 1], escapes)
    _times_of_agents(panels[1, 2], escapes)
    panel_titles(
        list(panels.flat),
        [
            "the loss",
            "who ends in which basin",
            f"escape of the mean, $p = {_shown(escapes)}$",
            "escape of the mean",
            "escape of the mean, theory",
            "escape of an agent",
        ],
    )
    return figure


def _shown(escapes: Escapes) -> int:
    """Return the number of agents of the survival curves: not so many that all are censored."""
    return escapes.counts[len(escapes.counts) // 2]


def _landscape(axes: "Axes", escapes: Escapes) -> None:
    """Draw the two losses, where agents start, and the goal."""
    result = escapes.result
    x = np.linspace(-2.3, 2.3, 921)
    well = so.losses.RuggedWell.robust()
    noise = so.noise.Uniform(float(result["half_width"]))
    smooth = well.convolved(noise, scale=escapes.step_size)
    axes.plot(x, well.value(x[:, None]), color=COLOURS["loss"], lw=0.9, label="true")
    axes.plot(
        x,
        smooth.value(x[:, None]),
        color=COLOURS["convolved"],
        lw=1.6,
        ls=(0, (5, 1.5)),
        label="convolved",
    )
    origin, goal = result["origin"].item(), result["goal"].item()
    for ridge in result["ridge"].values:
        axes.axvline(ridge, color="0.6", lw=0.8, ls=":")
    height = smooth.value(np.array([[origin]]))[0]
    axes.plot(origin, height, "o", color=COLOURS["mean"], ms=5, label="start")
    axes.axvspan(goal, x[-1], color=COLOURS["second"], alpha=0.2, lw=0, label="goal")
    axes.set(xlim=(x[0], x[-1]), ylim=(None, 0.35), xlabel="parameter $x$", ylabel="loss")
    axes.legend(fontsize=7, ncols=2, loc="upper center")


def _ticks_at(axes: "Axes", escapes: Escapes) -> None:
    """Space the couplings evenly: 0 has no place on a logarithmic axis."""
    labels = [f"{k:g}" for k in escapes.couplings]
    axes.set_xticks(range(len(labels)), labels)
    axes.tick_params(axis="x", labelsize=8 if len(labels) < 10 else 6.5)
    axes.set_xlabel("coupling $k$")


def _basins(axes: "Axes", escapes: Escapes) -> None:
    """Draw the shares of agents as bars and those of means as marks, for each basin."""
    result = escapes.result
    where = np.arange(len(escapes.couplings))
    names = [f"agents at ${minimum:.2f}$" for minimum in result["minimum"].values]
    greys = np.linspace(0.35, 0.9, len(names))
    base = np.zeros(len(where))
    for index, name in enumerate(names):
        share = result["agent_share"].isel(basin=index).mean("replica").values
        axes.bar(where, share, bottom=base, color=str(greys[index]), width=0.8, label=name)
        base += share
    deep = (result["mean_basin"] == result["deepest"]).mean("replica")
    # marks at 0 lie on the axis, which would hide half of them
    mark: dict[str, Any] = {"color": COLOURS["accent"], "ms": 5, "clip_on": False, "zorder": 3}
    axes.plot(where, deep, "D", **mark, label="means in the deepest")
    axes.set(ylim=(0, 1.3), yticks=np.linspace(0, 1, 6), ylabel="share of agents, of means")
    _ticks_at(axes, escapes)
    axes.legend(fontsize=7, ncols=2, loc="upper center")


def _survival(axes: "Axes", escapes: Escapes) -> None:
    """Draw the share of means still on their way for up to five couplings (Kaplan–Meier)."""
    last = len(escapes.couplings) - 1
    chosen = [
        escapes.couplings[index]
        for index in sorted(set(np.linspace(0, last, 5).round().astype(int)))
    ]
    p = _shown(escapes)
    end = 0.0
    for index, k in enumerate(chosen):
        colour, dash, _ = LINES[index % len(LINES)]
        times, left = escapes.passages(k, p).survival()
        axes.step(times, left, where="post", color=colour, ls=dash, label=f"$k = {k:g}$")
        end = max(end, float(times[-1]))
    axes.set(xscale="log", xlim=(5, end), ylim=(0, 1.02))
    axes.set(xlabel=r"time $\eta t$", ylabel="share not yet escaped")
    axes.legend(fontsize=7, loc="lower left")


def _estimates(times: list[MeanTime]) -> tuple[Array, Array]:
    """Return mean times, NaN where nothing has escaped, and how far their intervals reach (2, n)."""
    rows = [(t.value, t.value - t.low, t.high - t.value) if t.events else NONE for t in times]
    values, below, above = np.array(rows, np.float64).T
    return values, np.stack([below, above])


NONE = (np.nan, 0.0, 0.0)
"""A time that is not known."""


def _times_of_mean(axes: "Axes", escapes: Escapes) -> None:
    """Draw the mean time of escape of the mean against k, with 95% intervals."""
    for index, p in enumerate(escapes.counts):
        times = [escapes.of_mean(k, p) for k in escapes.couplings]
        _against_coupling(axes, escapes, index, *_estimates(times))
    axes.legend(fontsize=7, loc="upper left")


def _against_coupling(
    axes: "Axes", escapes: Escapes, index: int, values: Array, reach: Array
) -> None:
    """Draw times against k for one number of agents."""
    colour, dash, marker = LINES[index % len(LINES)]
    style: dict[str, Any] = {"color": colour, "ls": dash, "marker": marker, "ms": 3.5}
    label = f"$p = {escapes.counts[index]}$"
    axes.errorbar(escapes.couplings, values, reach, **style, label=label)
    axes.set(yscale="log", ylabel="mean time of escape")
    logarithmic(axes, escapes.couplings, "coupling $k$", linear=1.0)


def _times_against_agents(axes: "Axes", escapes: Escapes) -> None:
    """Draw the same against p for strong couplings, beside the theory."""
    for index, k in enumerate(k for k in escapes.couplings if k >= STRONG):
        colour, dash, marker = LINES[index % len(LINES)]
        counts = escapes.counts
        values, reach = _estimates([escapes.of_mean(k, p) for p in counts])
        axes.errorbar(counts, values, reach, color=colour, ls="none", marker=marker, ms=4)
        expected = [escapes.expected(k, p) for p in counts]
        axes.plot(counts, expected, color=colour, ls=dash, label=f"$k = {k:g}$")
    axes.set(yscale="log", xlabel="agents $p$", ylabel="mean time of escape")
    axes.set_xticks(escapes.counts)
    axes.legend(fontsize=7, title="lines: theory", title_fontsize=7, loc="upper left")


def _times_of_agents(axes: "Axes", escapes: Escapes) -> None:
    """Draw the mean time of escape of an agent against k, with 95% intervals."""
    for index, p in enumerate(escapes.counts):
        times = np.array([escapes.of_agents(k, p) for k in escapes.couplings])
        values = np.where(np.isfinite(times[:, 0]), times[:, 0], np.nan)
        reach = np.nan_to_num(1.96 * values * times[:, 1], posinf=0.0)
        _against_coupling(axes, escapes, index, values, reach)
