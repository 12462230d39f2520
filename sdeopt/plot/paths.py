"""A run against time: the paths of agents and mean, and how far agents are from their mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, intervals
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.plot.backdrop import Backdrop, explain_colours
from sdeopt.plot.canvas import legend_below, needs_matplotlib, panel
from sdeopt.plot.curves import error_band, line_family
from sdeopt.plot.laws import SYMBOLS
from sdeopt.plot.states import (
    average,
    clock_of,
    grid_of,
    is_numeric,
    over_time,
    points,
    shown_dims,
    squared_distances,
    states,
)
from sdeopt.plot.style import COLOURS, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patheffects import AbstractPathEffect

MOST_AGENTS = 30
"""Paths that are drawn; more cannot be told apart."""
ERRORS = 2.0
"""Standard errors that a band reaches to either side."""
WIDTH, HANDLE = 80, 8
"""Letters of a legend that fit below a panel, and those in whose place the line of an entry stands."""


def trajectories(
    run: xr.Dataset,
    loss: Loss | None = None,
    *,
    replica: int = 0,
    box: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    axes: "Axes | None" = None,
) -> "Axes":
    """Draw the paths of the agents of one replica, and of their mean.

    One coordinate is drawn against the iteration, on the SDE clock against the time. Two are drawn
    against each other, over a map of the loss; a dot marks where the mean ended.

    Parameters
    ----------
    run : xarray.Dataset
        From `so.simulate`, with states at several steps: ``record=so.record.Every(10)``.
    loss : Loss, optional
        The loss of the run, for the map; one coordinate needs none.
    replica : int
        Which.
    box : array_like, optional
        ``(low, high)``, one for all coordinates or one for each, the range that is shown; by default
        what holds the paths.
    dims : sequence of int, optional
        Which coordinates, one or two; by default the first two.
    axes : matplotlib.axes.Axes, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The panel.

    Raises
    ------
    InvalidArgumentError
        If the run kept the last step alone, lacks agents or mean, or matplotlib is missing.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Rosenbrock(steepness=1.0), so.QSGD(coupling=1.0), agents=3,
    ...                   replicas=1, steps=200, step_size=0.05, start=so.start.Uniform(-2, 2),
    ...                   seed=1, record=so.record.Every(5))
    >>> axes = so.plot.trajectories(run, so.losses.Rosenbrock(steepness=1.0))
    >>> axes.get_xlabel()
    '$x_1$'
    """
    needs_matplotlib()
    agents = over_time(states(run, "agents"), replica).isel(agent=slice(MOST_AGENTS))
    mean = over_time(states(run, "mean"), replica)
    shown = shown_dims(dims, agents.sizes["dim"])
    ends = None if box is None else intervals(box, "box", len(shown))
    with house_style():
        if len(shown) == 1:
            return _against_time(panel(axes), agents, mean, ends, shown[0])
        return _on_map(panel(axes), agents, mean, loss, ends, shown)


def _against_time(
    axes: "Axes", agents: xr.DataArray, mean: xr.DataArray, box: Array | None, place: int
) -> "Axes":
    (clock, along), paths = clock_of(agents), agents.isel(dim=place).transpose("step", "agent")
    lines = axes.plot(clock, paths, color=COLOURS["agents"], lw=0.7)
    lines[0].set_label("agents $x^i$")
    axes.plot(clock, mean.isel(dim=place), color=COLOURS["mean"], label=r"mean $x^\bullet$")
    name = f"$x_{place + 1}$" if agents.sizes["dim"] > 1 else "parameter $x$"
    axes.set(xlabel=along, ylabel=name, xlim=(clock[0], clock[-1]))
    if box is not None:
        axes.set_ylim(*box[0].tolist())
    legend_below(axes)
    return axes


def _on_map(
    axes: "Axes",
    agents: xr.DataArray,
    mean: xr.DataArray,
    loss: Loss | None,
    box: Array | None,
    shown: tuple[int, ...],
) -> "Axes":
    first, second = shown
    if loss is not None:
        backdrop = Backdrop.of(loss, box=box, dims=shown, points=points(agents), tails=0.0)
        drawn = backdrop.draw(axes)
        if drawn is not None:
            explain_colours(drawn, [axes])
    else:
        axes.set(xlabel=f"$x_{first + 1}$", ylabel=f"$x_{second + 1}$")
        if box is not None:
            axes.set(xlim=box[0].tolist(), ylim=box[1].tolist())
    for number in range(agents.sizes["agent"]):
        path = agents.isel(agent=number)
        (line,) = axes.plot(
            path.isel(dim=first), path.isel(dim=second), color="white", lw=0.8, alpha=0.9
        )
        line.set_path_effects(_edged(0.8))
        if not number:
            line.set_label("agents $x^i$")
    x, y = mean.isel(dim=first).values, mean.isel(dim=second).values
    (line,) = axes.plot(x, y, color=COLOURS["accent"], lw=1.8, label=r"mean $x^\bullet$")
    line.set_path_effects(_edged(1.8))
    axes.plot(x[-1:], y[-1:], "o", ms=6, mfc=COLOURS["accent"], mec="black", label="mean, end")
    # white lines are seen on grey
    legend_below(axes, frameon=True, facecolor="0.75")
    return axes


def _edged(width: float) -> "list[AbstractPathEffect]":
    """Return a thin dark edge, which keeps a line visible on light and dark ground."""
    from matplotlib.patheffects import Normal, Stroke

    return [Stroke(linewidth=width + 0.8, foreground="black"), Normal()]


def synchronization(run: xr.Dataset, *, axes: "Axes | None" = None) -> "Axes":
    """Draw how far agents are from their mean, Σ‖xⁱ − x•‖², against the iteration.

    On the SDE clock against the time. The average over the replicas, with a band of two standard errors.
    The statistic ``"synchronization"`` of the run is drawn, which is averaged since the record before;
    where the run has none, the recorded agents.

    Parameters
    ----------
    run : xarray.Dataset
        From `so.simulate`, or from `so.sweep` over one parameter, which gives a line for each value;
        with several recorded steps.
    axes : matplotlib.axes.Axes, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The panel.

    Raises
    ------
    InvalidArgumentError
        If the run kept the last step alone, or matplotlib is missing.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.QSGD(coupling=4.0), noise=so.noise.Gaussian(1.0),
    ...                   agents=5, replicas=20, steps=100, step_size=0.05,
    ...                   start=so.start.Uniform(-1, 1), seed=1, record=so.record.Every(10))
    >>> so.plot.synchronization(run).get_yscale()
    'log'
    """
    needs_matplotlib()
    kept = isinstance(run, xr.Dataset) and "synchronization" in run
    spread = run["synchronization"] if kept else squared_distances(states(run, "agents"))
    if "step" not in spread.dims or spread.sizes["step"] < 2:
        raise InvalidArgumentError(
            "a line against time needs several recorded steps, and the run kept the last alone; "
            "simulate with record=so.record.Every(100)."
        )
    grid = grid_of(spread)
    if len(grid) > 1:
        raise InvalidArgumentError(
            f"the sweep is over {', '.join(grid)}, and there is a line for each value of one "
            f"parameter; choose values of the others, as in runs.isel({grid[1]}=0)."
        )
    middle, error = average(spread)
    clock, along = clock_of(spread)
    with house_style():
        chosen = panel(axes)
        if grid:
            _family(chosen, grid[0], clock, middle, error)
        else:
            reach = ERRORS * error.values
            error_band(chosen, clock, middle.values, reach, COLOURS["convolved"])
        positive = middle.values[middle.values > 0]
        chosen.set(xlabel=along, xlim=(float(clock.min()), float(clock.max())))
        chosen.set_ylabel(r"$\Sigma_i \|x^i - x^\bullet\|^2$ (parameter units²)")
        if len(positive):
            chosen.set_yscale("log")
            chosen.set_ylim(bottom=0.5 * positive.min())
    return chosen


def _family(
    axes: "Axes", name: str, clock: xr.DataArray, middle: xr.DataArray, error: xr.DataArray
) -> None:
    """Draw a line with its band for each value of a parameter."""
    labels = middle[name].values
    order = np.argsort(labels) if is_numeric(middle, name) else np.arange(len(labels))
    values = labels[order].tolist()
    # every point may have a time step of its own
    rows = (clock.broadcast_like(middle), middle, ERRORS * error)
    x, y, reaches = (row.transpose(name, "step").values[order] for row in rows)
    words = name.replace("_", r"\ ")
    symbol = SYMBOLS.get(name, rf"\mathrm{{{words}}}").strip("$")
    positions, curves = dict(zip(values, x, strict=True)), dict(zip(values, y, strict=True))
    lines = line_family(axes, positions, curves, symbol)
    for value, line, reach in zip(values, lines, reaches, strict=True):
        low, high = curves[value] - reach, curves[value] + reach
        axes.fill_between(positions[value], low, high, color=line.get_color(), alpha=0.2, lw=0)
    longest = max(len(str(line.get_label())) for line in lines)
    title = None if is_numeric(middle, name) else name.replace("_", " ")
    columns = max(1, min(4, WIDTH // (longest + HANDLE)))
    legend_below(axes, columns, title=title, title_fontsize=7)
