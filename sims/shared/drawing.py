"""How theory and simulation are drawn together: points with error bars, the bound, the exact value."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {
    "agents": "agents $p$",
    "step_size": r"step size $\eta$",
    "dim": "dimension $n$",
    "coupling": "coupling $k$",
}
"""Of axes, by the column of a result."""

MARKERS = ("o", "s", "^", "D", "v", "P")
"""Of the members of a family of points, told apart by shape."""


def draw_measured(
    axes: "Axes",
    x: ArrayLike,
    measured: Measured,
    label: str,
    *,
    scale: ArrayLike = 1.0,
    marker: str = "o",
    colour: str = COLOURS["convolved"],
) -> None:
    """Draw measured values with their two 99.9% confidence limits."""
    factor = np.asarray(scale)
    axes.errorbar(
        x,
        measured.value * factor,
        measured.reach() * factor,
        ls="none",
        marker=marker,
        ms=4.5,
        mfc="none",
        color=colour,
        elinewidth=1.0,
        capsize=2.0,
        label=label,
        zorder=3,
    )


def draw_bound(
    axes: "Axes",
    x: ArrayLike,
    bound: ArrayLike,
    exact: ArrayLike | None = None,
    *,
    bound_label: str = "bound",
) -> None:
    """Draw the bound, and the exact value where there is one."""
    draw_line(axes, x, bound, color=COLOURS["accent"], label=bound_label)
    if exact is not None and np.isfinite(exact).any():
        draw_line(axes, x, exact, ls="--", color="black", lw=1.0, label="exact value")


def logarithmic(axes: "Axes", ticks: Sequence[float], label: str, *, linear: float = 0.0) -> None:
    """Give the horizontal axis a logarithmic scale with chosen ticks."""
    scale: dict[str, Any] = {"linthresh": linear, "linscale": 0.5} if linear else {}
    axes.set_xscale("symlog" if linear else "log", **scale)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel(label)


def plain_ticks(axes: "Axes") -> None:
    """Label few ticks of a logarithmic vertical axis, as plain numbers where it spans little."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if axes.get_yscale() != "log":
        return
    decades = float(np.ptp(np.log10(axes.get_ylim())))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    if decades < 2:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def series(runs: xr.Dataset, name: str) -> list[tuple[float, xr.Dataset]]:
    """Return the runs for every value of a column, by rising value."""
    return [
        (value.item(), runs.isel(setting=(runs[name] == value).values))
        for value in np.unique(runs[name].values)
    ]


def draw_over(
    axes: "Axes",
    runs: xr.Dataset,
    name: str,
    measured: str,
    by: str,
    label: Callable[[float], str],
    scale: Callable[[float], float] = lambda value: 1.0,
) -> list[tuple[xr.Dataset, str]]:
    """Draw a measured column over a parameter for every value of another; return runs and colours."""
    members = series(runs, by)
    colours = family_colours(len(members))
    for (value, some), marker, colour in zip(members, MARKERS, colours, strict=False):
        draw_measured(
            axes,
            some[name],
            Measured.read(some, measured),
            label(value),
            scale=scale(value),
            marker=marker,
            colour=colour,
        )
    return [(some, colour) for (_, some), colour in zip(members, colours, strict=True)]


def draw_line(axes: "Axes", x: ArrayLike, y: ArrayLike, **how: Any) -> None:
    """Draw values of a table as a line from left to right."""
    order = np.argsort(np.asarray(x))
    axes.plot(np.asarray(x)[order], np.asarray(y)[order], **how)


def draw_factor(axes: "Axes", x: ArrayLike, factor: ArrayLike, label: str, **how: Any) -> None:
    """Draw bound / measured, as open markers on a line."""
    draw_line(axes, x, factor, mfc="none", ms=4.5, label=label, **how)
