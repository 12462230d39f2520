"""A run in motion: agents on the loss and their mean on its smoothed form, frame by frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.arguments import Array
from sdeopt.losses import Loss
from sdeopt.plot.backdrop import Backdrop, explain_colours
from sdeopt.plot.canvas import legend_below, needs_matplotlib, panel
from sdeopt.plot.densities import Landscape
from sdeopt.plot.maps import MARKS
from sdeopt.plot.states import clock_of, over_time, points, states
from sdeopt.plot.style import COLOURS, house_style

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

HELD = 15
"""Frames for which the last state is shown: a second, before a loop begins anew."""
TRAIL = 12
"""Frames over which the mean leaves a trail on a map."""

Show = Callable[[int], None]


def animate(
    run: xr.Dataset,
    loss: Loss,
    convolved: Loss | None = None,
    *,
    replica: int = 0,
    box: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    axes: "Axes | None" = None,
) -> "FuncAnimation":
    """Show the agents of one replica in motion, and their mean, a frame for each recorded step.

    In one coordinate agents stand on the loss, and the mean on the smoothed loss where it is given,
    else on the loss. In two, they are points on a map, and the mean leaves a trail.

    Parameters
    ----------
    run : xarray.Dataset
        From `so.simulate`, with states at some 50 to 200 steps: ``record=so.record.Every(10)``.
    loss : Loss
        The loss of the run.
    convolved : Loss, optional
        Its smoothed form, ``loss.convolved(noise, scale=step_size)``.
    replica : int
        Which.
    box : array_like, optional
        ``(low, high)``, one for all coordinates or one for each; by default what holds the paths.
    dims : sequence of int, optional
        Which coordinates, one or two; by default the first two.
    axes : matplotlib.axes.Axes, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        ``.save("run.gif")`` writes it; in a notebook ``HTML(animation.to_jshtml())`` plays it.

    Raises
    ------
    InvalidArgumentError
        If the run kept the last step alone, lacks agents or mean, or matplotlib is missing.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import sdeopt as so
    >>> loss, noise = so.losses.RuggedWell(), so.noise.Uniform(7.0)
    >>> run = so.simulate(loss, so.QSGD(coupling=8.0), noise=noise, agents=10, replicas=1, steps=200,
    ...                   step_size=0.04, start=so.start.Uniform(-3, 3), seed=7,
    ...                   record=so.record.Every(20))
    >>> film = so.plot.animate(run, loss, loss.convolved(noise, scale=0.04))
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.gif"
    >>> film.save(path, "pillow", fps=15)
    >>> path.stat().st_size > 0
    True
    """
    needs_matplotlib()
    from matplotlib.animation import FuncAnimation

    agents = over_time(states(run, "agents"), replica)
    mean = over_time(states(run, "mean"), replica)
    backdrop = Backdrop.of(loss, convolved, box=box, dims=dims, points=points(agents), tails=0.0)
    clock, along = clock_of(agents)
    ticks = clock.values.tolist()
    paths = (agents.values[..., list(backdrop.dims)], mean.values[..., list(backdrop.dims)])
    with house_style():
        chosen = panel(axes)
        show = (
            _on_map(chosen, backdrop, *paths)
            if backdrop.flat
            else _on_curve(chosen, backdrop, *paths)
        )
        title = chosen.set_title("")
        legend_below(chosen, columns=2)

    def frame(number: int) -> None:
        now = min(number, len(ticks) - 1)
        show(now)
        title.set_text(f"{along} {_tick(ticks[now])} of {_tick(ticks[-1])}")

    frame(0)
    figure = chosen.get_figure(root=True)
    assert figure is not None
    return FuncAnimation(figure, frame, frames=len(ticks) + HELD)


def _tick(tick: float) -> str:
    """Return an iteration or a time as text."""
    return f"{tick:,}" if isinstance(tick, int) else f"{tick:.4g}"


def _on_curve(axes: "Axes", backdrop: Backdrop, agents: Array, mean: Array) -> Show:
    curves = backdrop.curves()
    movers = Movers.drawn(axes, curves, agents[..., 0], mean[..., 0])
    axes.set(xlabel=backdrop.name(0), ylabel="loss (scaled)")
    return movers.show


@dataclass(frozen=True, eq=False)
class Movers:
    """What moves over a one-dimensional loss."""

    agents: Array
    mean: Array
    ground: Landscape
    marks: "tuple[Line2D, Line2D, Line2D]"

    @classmethod
    def drawn(cls, axes: "Axes", ground: Landscape, agents: Array, mean: Array) -> "Movers":
        """Draw the loss, and agents (frames, p) and mean (frames,) on it."""
        ground.draw_losses(axes, scaled=True)
        (points,) = axes.plot(
            [], [], "o", ms=4, mfc=COLOURS["agents"], mec="black", mew=0.3, label="agents $x^i$"
        )
        plumb = axes.axvline(0, color=COLOURS["mean"], lw=0.8, ls=":")
        (mark,) = axes.plot(
            [], [], "D", ms=7, mfc=COLOURS["mean"], mec="white", label=r"mean $x^\bullet$"
        )
        x = ground.position
        axes.set(xlim=(x[0], x[-1]), ylim=(0, 1.25), yticks=[])
        axes.spines["left"].set_visible(False)
        return cls(agents, mean, ground, (points, mark, plumb))

    def show(self, frame: int) -> None:
        """Move agents and mean to where they are in a frame."""
        points, mark, plumb = self.marks
        agents, mean = self.agents[frame], self.mean[frame : frame + 1]
        points.set_data(agents, self._height(agents, self.ground.loss))
        # The mean does not see the ripples: on the smoothed loss its descent can be followed.
        mark.set_data(mean, self._height(mean, self.ground.smoothest))
        plumb.set_xdata([mean[0], mean[0]])

    def _height(self, x: Array, curve: Array) -> Array:
        return np.interp(x, self.ground.position, self.ground.normalized(curve))


def _on_map(axes: "Axes", backdrop: Backdrop, agents: Array, mean: Array) -> Show:
    drawn = backdrop.draw(axes)
    if drawn is not None:
        explain_colours(drawn, [axes])
    (trail,) = axes.plot([], [], color=COLOURS["accent"], lw=1.5)
    (points,) = axes.plot([], [], **MARKS["agents"], label="agents $x^i$")
    (mark,) = axes.plot([], [], **MARKS["mean"], label=r"mean $x^\bullet$")

    def show(frame: int) -> None:
        points.set_data(*agents[frame].T)
        mark.set_data(*mean[frame : frame + 1].T)
        trail.set_data(*mean[max(frame - TRAIL, 0) : frame + 1].T)

    return show
