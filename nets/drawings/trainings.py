"""Trainings over the epochs: loss, test loss, test accuracy and the distance of the agents."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt import plotting
from sdeopt.curves import error_band, family_colours
from sdeopt.plotting import DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Look", "draw_couplings", "draw_methods", "draw_starts", "draw_trainings", "logarithmic"]


class Look(NamedTuple):
    """How a training is drawn.

    Parameters
    ----------
    label : str
        In the legend.
    colour : str
        Of line and band.
    dashes : object
        Of the line.
    """

    label: str
    colour: str
    dashes: Any


def draw_couplings(result: xr.Dataset) -> "Figure":
    """Draw one line for each coupling.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels.
    """
    couplings = result["coupling"].values.tolist()
    looks = [
        Look(f"$k = {k:g}$", colour, DASHES[place % len(DASHES)])
        for place, (k, colour) in enumerate(
            zip(couplings, family_colours(len(couplings)), strict=True)
        )
    ]
    return draw_trainings(result, looks)


def draw_methods(result: xr.Dataset) -> "Figure":
    """Draw one line for each method and number of agents: numbers by colour, methods by dashes.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels.
    """
    return draw_trainings(result, _by_number(result, result["method"].values.tolist()))


def draw_starts(result: xr.Dataset) -> "Figure":
    """Draw one line for each start and number of agents.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.

    Returns
    -------
    matplotlib.figure.Figure
        Four panels.
    """
    starts = ["together" if each else "apart" for each in result["together"].values]
    return draw_trainings(result, _by_number(result, starts))


def _by_number(result: xr.Dataset, kinds: list[str]) -> list[Look]:
    counts = result["agents"].values.tolist()
    numbers = sorted(set(counts))
    colours = dict(zip(numbers, family_colours(len(numbers)), strict=True))
    dashes = dict(zip(dict.fromkeys(kinds), DASHES, strict=False))
    return [
        Look(f"{kind}, $p = {count}$", colours[count], dashes[kind])
        for kind, count in zip(kinds, counts, strict=True)
    ]


def draw_trainings(result: xr.Dataset, looks: Sequence[Look]) -> "Figure":
    """Draw every training over the epochs.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    looks : sequence of Look
        One for each plan.

    Returns
    -------
    matplotlib.figure.Figure
        Means over the runs, with bands of one standard error.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 6.8), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True)
    train, test = (result["quorum_loss"].sel(part=part) for part in ("train", "test"))
    right = 100 * result["quorum_accuracy"].sel(part="test")
    distance = (result["synchronization"] / result["agents"]) ** 0.5
    everyone = np.ones(len(looks), bool)
    for axes, values in zip(panels.flat, (train, test, right), strict=False):
        _draw_panel(axes, values, looks, everyone)
    _draw_panel(panels[1, 1], distance, looks, result["agents"].values > 1)
    for axes in panels[1]:
        axes.set_xlabel("epoch")
    panels[0, 0].set(ylabel="cross-entropy (nats)")
    panels[0, 1].set(ylabel="cross-entropy (nats)")
    panels[1, 0].set(ylabel="test examples right (%)", ylim=_upper_part(right))
    panels[1, 1].set(ylabel="root mean square distance")
    for axes in (*panels[0], panels[1, 1]):
        logarithmic(axes)
    plotting.panel_titles(
        list(panels.flat),
        ["training loss", "test loss", "test accuracy", "agents to their mean"],
    )
    handles, labels = panels[0, 0].get_legend_handles_labels()
    columns = _columns(len(labels))
    # entries fill columns; of two methods, each should have a row
    order = [place for column in range(columns) for place in range(column, len(labels), columns)]
    figure.legend(
        [handles[place] for place in order],
        [labels[place] for place in order],
        loc="outside lower center",
        ncols=columns,
        fontsize=8,
    )
    return figure


def _draw_panel(
    axes: "Axes", values: xr.DataArray, looks: Sequence[Look], shown: NDArray[np.bool_]
) -> None:
    """Draw the mean over the runs for every plan that is shown."""
    # tests are made at some epochs only
    values = values.dropna("epoch", how="all")
    epochs = values["epoch"].values
    ordered = values.transpose("plan", "run", "epoch").values
    for place, (look, runs) in enumerate(zip(looks, ordered, strict=True)):
        if shown[place]:
            error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
            error_band(
                axes,
                epochs,
                runs.mean(axis=0),
                error,
                look.colour,
                ls=look.dashes,
                label=look.label,
            )
    axes.set_xlim(epochs[0], epochs[-1])


def logarithmic(axes: "Axes") -> None:
    """Give an axis of heights a logarithmic scale with plain numbers on it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    """
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def _upper_part(right: xr.DataArray) -> tuple[float, float]:
    """Return limits that leave out the first climb, where all curves are one."""
    ends = right.isel(epoch=-1).mean("run")
    best = float(right.mean("run").max())
    lowest = float(ends.where(ends > 0.5 * best).min())
    room = max(best - lowest, 2.0)
    return max(lowest - 2 * room, 0.0), min(best + 0.25 * room, 100.0)


def _columns(entries: int) -> int:
    """Return columns for a legend of one or two full rows."""
    return entries if entries <= 5 else -(-entries // 2)
