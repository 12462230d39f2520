"""Agents and their mean moving over the rugged loss, a panel for each part that couplings play."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.plot.densities import Landscape
from sdeopt.plot.motion import HELD, Movers
from sdeopt.plot.style import grid_of_panels, label_edges, panel_titles, shared_legend
from sdeopt.schedules import ScheduleLike
from sims.rugged.model import POSITIONS, RuggedConfiguration
from sims.shared.panels import PARTS

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure

FRAMES = 90
"""Six seconds of motion, at `sdeopt.plot.animation.FRAMES_PER_SECOND`."""


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
    loss = configuration.loss()
    smooth = loss.convolved(configuration.noise(), scale=configuration.step_size)
    ground = Landscape(POSITIONS, *(each.value(POSITIONS[:, None]) for each in (loss, smooth)))
    figure, panels = grid_of_panels(2, 2, width=3.6, height=2.3)
    movers = [
        Movers.drawn(axes, ground, run["agents"].values, run["mean"].values)
        for run, axes in zip(runs, panels.flat, strict=False)
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
