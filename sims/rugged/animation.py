"""Agents and their mean moving over the rugged loss, a panel for each part that couplings play."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.plot.densities import Landscape
from sdeopt.plot.style import COLOURS, grid_of_panels, label_edges, panel_titles, shared_legend
from sdeopt.schedules import ScheduleLike
from sims.rugged.model import POSITIONS, RuggedConfiguration
from sims.shared.panels import PARTS

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Array: TypeAlias = NDArray[np.float64]

FRAMES = 90
"""Six seconds of motion, at `sdeopt.plot.animation.FRAMES_PER_SECOND`."""

HELD = 15
"""Frames for which the last state is shown: a second, before a loop begins anew."""


def animate(
    configuration: RuggedConfiguration,
    algorithm: Callable[[float], Algorithm],
    step_size: ScheduleLike | None = None,
) -> "FuncAnimation":
    """Return the first replica of a figure on the rugged loss, in motion."""
    from matplotlib.animation import FuncAnimation

    figure, show, frames = _staged(configuration, algorithm, step_size)
    return FuncAnimation(figure, show, frames=frames)


def _staged(
    configuration: RuggedConfiguration,
    algorithm: Callable[[float], Algorithm],
    step_size: ScheduleLike | None = None,
) -> "tuple[Figure, Callable[[int], None], int]":
    """Return the figure, what puts it into a frame, and the number of frames."""
    shown = _one_of_each(configuration)
    runs = [_first_replica(configuration, algorithm(k), step_size) for k in shown]
    ground = _Ground.of(configuration)
    figure, panels = grid_of_panels(2, 2, width=3.6, height=2.3)
    movers = [
        _Movers.drawn(ground, run, axes) for run, axes in zip(runs, panels.flat, strict=False)
    ]
    for axes in panels.flat[len(runs) :]:
        axes.remove()
    titles = [f"$k = {k:g}$, {PARTS[role]}" for k, role in shown.items()]
    panel_titles(list(panels.flat), titles)
    label_edges(panels, "parameter $x$", "loss (scaled)")
    shared_legend(figure, panels.flat[0])
    counter = figure.suptitle("step 0")
    # Laid out once: a layout that changes from frame to frame distracts, and costs time.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    steps = runs[0]["step"].values

    def show(frame: int) -> None:
        now = min(frame, len(steps) - 1)
        for mover in movers:
            mover.show(now)
        counter.set_text(f"step {steps[now]:,} of {steps[-1]:,}")

    return figure, show, len(steps) + HELD


def _one_of_each(configuration: RuggedConfiguration) -> dict[float, str]:
    """Return the first coupling of each kind, with its kind."""
    first: dict[str, float] = {}
    for k, role in configuration.roles().items():
        first.setdefault(role, k)
    return {k: role for role, k in first.items()}


def _first_replica(
    configuration: RuggedConfiguration, algorithm: Algorithm, step_size: ScheduleLike | None
) -> xr.Dataset:
    times = configuration.steps * np.linspace(0, 1, FRAMES) ** 2
    record = so.record.At(np.unique(times.round().astype(int)).tolist())
    # The first of two is that of any number.
    run = replace(configuration, replicas=2).run(algorithm, record, step_size=step_size)
    return run.isel(replica=0, dim=0, drop=True)


@dataclass(frozen=True, eq=False)
class _Ground:
    """The loss, on which agents are drawn."""

    loss: so.losses.Loss
    landscape: Landscape

    @classmethod
    def of(cls, configuration: RuggedConfiguration) -> "_Ground":
        loss = configuration.loss()
        smooth = loss.convolved(configuration.noise(), scale=configuration.step_size)
        curves = (each.value(POSITIONS[:, None]) for each in (loss, smooth))
        return cls(loss, Landscape(POSITIONS, *curves))

    def heights(self, x: Array) -> Array:
        return self.landscape.normalized(self.loss.value(x[..., None]))


@dataclass(frozen=True, eq=False)
class _Movers:
    """What moves in one panel."""

    agents: Array
    mean: Array
    ground: _Ground
    points: "Line2D"
    mark: "Line2D"
    plumb: "Line2D"

    @classmethod
    def drawn(cls, ground: _Ground, run: xr.Dataset, axes: "Axes") -> "_Movers":
        landscape = ground.landscape
        x = landscape.position
        for curve, name, dashes, label in (
            (landscape.loss, "loss", "-", "true loss"),
            (landscape.convolved, "convolved", (0, (5, 1.5)), "loss convolved with noise"),
        ):
            axes.plot(
                x, landscape.normalized(curve), color=COLOURS[name], ls=dashes, lw=0.9, label=label
            )
        (points,) = axes.plot(
            [], [], "o", ms=4, mfc=COLOURS["agents"], mec="black", mew=0.3, label="agents $x^i$"
        )
        plumb = axes.axvline(0, color=COLOURS["mean"], lw=0.8, ls=":")
        (mark,) = axes.plot(
            [], [], "D", ms=7, mfc=COLOURS["mean"], mec="white", label="mean $x^\\bullet$"
        )
        axes.set(xlim=(x[0], x[-1]), ylim=(0, 1.25), yticks=[])
        axes.spines["left"].set_visible(False)
        return cls(run["agents"].values, run["mean"].values, ground, points, mark, plumb)

    def show(self, frame: int) -> None:
        agents, mean = self.agents[frame], self.mean[frame : frame + 1]
        self.points.set_data(agents, self.ground.heights(agents))
        self.mark.set_data(mean, self.ground.heights(mean))
        self.plumb.set_xdata([mean[0], mean[0]])
