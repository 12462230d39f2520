"""Where agents and their mean end: densities over the loss, in one coordinate or two."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.plot.backdrop import Backdrop, explain_colours
from sdeopt.plot.canvas import label_outer, legend_below, needs_matplotlib, panels
from sdeopt.plot.maps import MARKS
from sdeopt.plot.states import at_end, at_start, grid_of, points, states
from sdeopt.plot.style import house_style, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet

MOST_POINTS = 400
"""Agents that are drawn as points of a map; the density counts all of them."""
MOST_MEANS = 200
SMALL = {"agents": {"ms": 2.4, "alpha": 0.8}, "mean": {"ms": 5.0, "mew": 0.5}}
SYMBOLS = {"coupling": "$k$", "step_size": r"$\eta$", "agent_count": "$p$"}
"""What the parameters of a sweep are called in titles."""

SHORT = 16
"""Characters of a title that leave room for the peaks of the densities beside it."""


def density(
    run: xr.Dataset,
    loss: Loss,
    convolved: Loss | None = None,
    *,
    box: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    at: ArrayLike | None = None,
    axes: "Axes | Sequence[Axes] | None" = None,
) -> "Axes | Any":
    """Draw where agents and their mean ended, over all replicas, and the loss below them.

    In one coordinate the densities are drawn, each to its own highest point, over the loss, whose
    scale is omitted. In two, agents and means are points on a map of the loss.

    Parameters
    ----------
    run : xarray.Dataset
        From `so.simulate`; or from `so.sweep` over one parameter, which gives a panel for each value.
    loss : Loss
        The loss of the run.
    convolved : Loss, optional
        Its smoothed form, ``loss.convolved(noise, scale=step_size)``, which the mean descends.
    box : array_like, optional
        ``(low, high)``, one for all coordinates or one for each; by default what holds all agents
        but the outermost hundredth.
    dims : sequence of int, optional
        Which coordinates, one or two; by default the first two.
    at : array_like, shape (dim,), optional
        In more than two coordinates: the point through which the section of the loss goes; by default
        the median of the agents.
    axes : matplotlib.axes.Axes or a sequence of them, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes or list of them
        The panel of a run, the panels of a sweep.

    Raises
    ------
    InvalidArgumentError
        If the run, the loss and the axes do not fit each other, or matplotlib is missing.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss, noise = so.losses.RuggedWell(), so.noise.Uniform(7.0)
    >>> run = so.simulate(loss, so.QSGD(coupling=8.0), noise=noise, agents=10, replicas=50, steps=200,
    ...                   step_size=0.04, start=so.start.Uniform(-3, 3), seed=7)
    >>> axes = so.plot.density(run, loss, loss.convolved(noise, scale=0.04), box=(-3, 3))
    >>> len(axes.get_legend().get_texts())
    4

    Notes
    -----
    The form of Figs 1 to 3, and of Figs 5 and 6, of Boffi & Slotine (2020).
    """
    needs_matplotlib()
    agents, mean = states(run, "agents"), states(run, "mean")
    grid = grid_of(mean)
    if len(grid) > 1:
        raise InvalidArgumentError(
            f"the sweep is over {', '.join(grid)}, and a panel is drawn for each value of one "
            f"parameter; choose values of the others, as in runs.isel({grid[1]}=0)."
        )
    ends = points(at_end(agents))
    backdrop = Backdrop.of(loss, convolved, box=box, dims=dims, at=at, points=ends)
    chosen = [run.isel({grid[0]: place}) for place in range(run.sizes[grid[0]])] if grid else [run]
    with house_style():
        # a single panel has the size of a picture of its own
        size = (3.4, 2.8) if grid else (5.0, 3.6)
        drawn = panels(axes, len(chosen), *size)
        maps = [
            _draw(where, backdrop, states(one, "agents"), states(one, "mean"))
            for one, where in zip(chosen, drawn, strict=True)
        ]
        if maps[0] is not None:
            explain_colours(maps[0], drawn)
        if grid:
            panel_titles(drawn, _titles(grid[0], run[grid[0]].values.tolist()))
        _finish(drawn, backdrop, new=axes is None)
    return drawn if grid else drawn[0]


def _titles(name: str, values: list[Any]) -> list[str]:
    """Return the titles of the panels: what a panel's value is called, or the value that says it."""
    if all(isinstance(value, str) for value in values):
        # long ones stand above what else is written over a panel
        above = "\n" if max(map(len, values)) > SHORT else ""
        return [value + above for value in values]
    symbol = SYMBOLS.get(name, name.replace("_", " "))
    return [f"{symbol} = {_short(value)}" for value in values]


def _draw(
    axes: "Axes", backdrop: Backdrop, agents: xr.DataArray, mean: xr.DataArray
) -> "QuadContourSet | None":
    ends, means, begun = points(at_end(agents)), points(at_end(mean)), at_start(mean)
    if not backdrop.flat:
        (place,) = backdrop.dims
        start = None if begun is None else points(begun)[:, place]
        backdrop.curves().draw(axes, ends[:, place], means[:, place], start)
        axes.set_xlabel(backdrop.name(0))
        return None
    drawn = backdrop.draw(axes)
    draw_points(axes, backdrop, thinned(ends, MOST_POINTS), "agents", "agents $x^i$, end")
    draw_points(axes, backdrop, thinned(means, MOST_MEANS), "mean", r"mean $x^\bullet$, end")
    return drawn


def draw_points(axes: "Axes", backdrop: Backdrop, rows: Array, mark: str, label: str) -> Any:
    """Draw points on a map, in the marks that agents and means have everywhere."""
    x, y = rows[:, list(backdrop.dims)].T
    return axes.plot(x, y, **(MARKS[mark] | SMALL[mark]), label=label)


def thinned(rows: Array, most: int) -> Array:
    """Return evenly chosen rows, no more than are told apart."""
    chosen: Array = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int))]
    return chosen


def _finish(drawn: "list[Axes]", backdrop: Backdrop, *, new: bool) -> None:
    """Label the axes at the edges, and put the legend where nothing is drawn."""
    for axes in drawn:
        if not backdrop.flat:
            axes.set_ylabel("density, loss (scaled)")
    if new:
        label_outer(drawn)
    if not new or len(drawn) == 1:
        legend_below(drawn[0])
        return
    handles, labels = drawn[0].get_legend_handles_labels()
    figure: Any = drawn[0].get_figure(root=True)
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 3))


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
