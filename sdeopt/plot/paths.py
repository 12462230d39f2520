"""A run against time: the paths of agents and mean, and how far agents are from their mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.plot.backdrop import Backdrop, explain_colours
from sdeopt.plot.canvas import legend_below, needs_matplotlib, panel
from sdeopt.plot.curves import error_band, line_family
from sdeopt.plot.states import (
    average,
    grid_of,
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

    One coordinate is drawn against the iteration. Two are drawn against each other, over a map of the
    loss; a dot marks where the mean ended.

    Parameters
    ----------
    run : xarray.Dataset
        From `so.simulate`, with states at several steps: ``record=so.record.Every(10)``.
    loss : Loss, optional
        The loss of the run, for the map; one coordinate needs none.
    replica : int
        Which.
    box : array_like, optional
        ``(low, high)``, one for both coordinates or one for each, the range of the map; by default
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
    with house_style():
        if len(shown) == 1:
            return _against_time(panel(axes), agents, mean, shown[0])
        return _on_map(panel(axes), agents, mean, loss, box, shown)


def _against_time(axes: "Axes", agents: xr.DataArray, mean: xr.DataArray, place: int) -> "Axes":
    steps, paths = agents["step"], agents.isel(dim=place).transpose("step", "agent")
    lines = axes.plot(steps, paths, color=COLOURS["agents"], lw=0.7)
    lines[0].set_label("agents $x^i$")
    axes.plot(steps, mean.isel(dim=place), color=COLOURS["mean"], label=r"mean $x^\bullet$")
    name = f"$x_{place + 1}$" if agents.sizes["dim"] > 1 else "parameter $x$"
    axes.set(xlabel="iteration", ylabel=name, xlim=(steps[0], steps[-1]))
    legend_below(axes)
    return axes


def _on_map(
    axes: "Axes",
    agents: xr.DataArray,
    mean: xr.DataArray,
    loss: Loss | None,
    box: ArrayLike | None,
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

    The average over the replicas, with a band of two standard errors. The statistic
    ``"synchronization"`` of the run is drawn, which is averaged since the record before; where the run
    has none, the recorded agents.

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
    steps = spread["step"].values
    with house_style():
        chosen = panel(axes)
        if grid:
            _family(chosen, grid[0], steps, middle, error)
        else:
            reach = ERRORS * error.values
            error_band(chosen, steps, middle.values, reach, COLOURS["convolved"])
        positive = middle.values[middle.values > 0]
        chosen.set(xlabel="iteration", xlim=(steps[0], steps[-1]))
        chosen.set_ylabel(r"$\Sigma_i \|x^i - x^\bullet\|^2$ (parameter units²)")
        if len(positive):
            chosen.set_yscale("log")
            chosen.set_ylim(bottom=0.5 * positive.min())
    return chosen


def _family(
    axes: "Axes", name: str, steps: Array, middle: xr.DataArray, error: xr.DataArray
) -> None:
    """Draw a line with its band for each value of a parameter."""
    ordered = middle.sortby(name).transpose(name, "step")
    curves = dict(zip(ordered[name].values.tolist(), ordered.values, strict=True))
    symbol = "k" if name == "coupling" else rf"\mathrm{{{name.replace('_', ' ')}}}"
    lines = line_family(axes, steps, curves, symbol)
    reaches = ERRORS * error.sortby(name).transpose(name, "step").values
    for line, centre, reach in zip(lines, ordered.values, reaches, strict=True):
        axes.fill_between(
            steps, centre - reach, centre + reach, color=line.get_color(), alpha=0.2, lw=0
        )
    axes.legend(fontsize=7)
