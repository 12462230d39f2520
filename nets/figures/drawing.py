"""How the figures on deep networks are drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from nets.figures.single_claims import least
from sdeopt.plot.curves import error_band, family_colours
from sdeopt.plot.style import COLOURS, DASHES, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {"EASGD-WM": ("o", "accent"), "EASGD": ("s", "convolved"), "MSGD": ("D", "mean")}
"""The marker and the colour of each optimizer."""


class Line(NamedTuple):
    """How a training is drawn."""

    label: str
    colour: str
    dashes: Any


def draw_couplings(result: xr.Dataset) -> "Figure":
    """Draw one line for each coupling."""
    couplings = result["coupling"].values.tolist()
    lines = [
        Line(f"$k = {k:g}$", colour, DASHES[place % len(DASHES)])
        for place, (k, colour) in enumerate(
            zip(couplings, family_colours(len(couplings)), strict=True)
        )
    ]
    return draw_trainings(result, lines)


def draw_methods(result: xr.Dataset) -> "Figure":
    """Draw one line for each method and number of agents: numbers by colour, methods by dashes."""
    return draw_trainings(result, _by_number(result, result["method"].values.tolist()))


def draw_starts(result: xr.Dataset) -> "Figure":
    """Draw one line for each start and number of agents."""
    starts = ["together" if each else "apart" for each in result["together"].values]
    return draw_trainings(result, _by_number(result, starts))


def _by_number(result: xr.Dataset, kinds: list[str]) -> list[Line]:
    counts = result["agents"].values.tolist()
    numbers = sorted(set(counts))
    colours = dict(zip(numbers, family_colours(len(numbers)), strict=True))
    dashes = dict(zip(dict.fromkeys(kinds), DASHES, strict=False))
    return [
        Line(f"{kind}, $p = {count}$", colours[count], dashes[kind])
        for kind, count in zip(kinds, counts, strict=True)
    ]


def draw_trainings(result: xr.Dataset, lines: Sequence[Line]) -> "Figure":
    """Draw every training over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 6.8), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True)
    train, test = (result["quorum_loss"].sel(part=part) for part in ("train", "test"))
    right = 100 * result["quorum_accuracy"].sel(part="test")
    distance = (result["synchronization"] / result["agents"]) ** 0.5
    everywhere = np.ones(len(lines), bool)
    for axes, values in zip(panels.flat, (train, test, right), strict=False):
        _draw_panel(axes, values, lines, everywhere)
    _draw_panel(panels[1, 1], distance, lines, result["agents"].values > 1)
    for axes in panels[1]:
        axes.set_xlabel("epoch")
    panels[0, 0].set(ylabel="cross-entropy (nats)")
    panels[0, 1].set(ylabel="cross-entropy (nats)")
    panels[1, 0].set(ylabel="test examples right (%)", ylim=_upper_part(right))
    panels[1, 1].set(ylabel="root mean square distance")
    for axes in (*panels[0], panels[1, 1]):
        logarithmic(axes)
    panel_titles(
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
    axes: "Axes", values: xr.DataArray, lines: Sequence[Line], shown: NDArray[np.bool_]
) -> None:
    """Draw the mean over the runs for every plan that is shown."""
    # tests are made at some epochs only
    values = values.dropna("epoch", how="all")
    epochs = values["epoch"].values
    ordered = values.transpose("plan", "run", "epoch").values
    for place, (line, runs) in enumerate(zip(lines, ordered, strict=True)):
        if shown[place]:
            error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
            error_band(
                axes,
                epochs,
                runs.mean(axis=0),
                error,
                line.colour,
                ls=line.dashes,
                label=line.label,
            )
    axes.set_xlim(epochs[0], epochs[-1])


def logarithmic(axes: "Axes") -> None:
    """Give an axis of heights a logarithmic scale with plain numbers on it."""
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


def draw_rates(result: xr.Dataset) -> "Figure":
    """Draw test loss and accuracy over the epochs, and the end over the learning rate."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 3.9), layout="constrained")
    losses, rights, over_rates = figure.subplots(1, 3)
    tested = result.isel(momentum=0).sel(part="test")
    _over_epochs(losses, tested["loss"])
    losses.set(ylabel="cross-entropy (nats)")
    logarithmic(losses)
    right = 100 * tested["accuracy"]
    _over_epochs(rights, right)
    _over_learning_rates(over_rates, right.isel(epoch=-1))
    low = float(right.isel(epoch=-1).mean("run").min())
    best = float(right.mean("run").max())
    rights.set(ylabel="test examples right (%)", ylim=(low - (best - low), best + 0.3))
    panel_titles(
        [losses, rights, over_rates], ["test loss", "test accuracy", "test accuracy at the end"]
    )
    handles, labels = losses.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        # a column for each method
        ncols=result.sizes["optimizer"],
        fontsize=8,
    )
    return figure


def _over_epochs(axes: "Axes", values: xr.DataArray) -> None:
    """Draw learning rates by colour and methods by dashes."""
    rates = values["learning_rate"].values
    # tests are made at some epochs only
    values = values.dropna("epoch", how="all")
    epochs = values["epoch"].values
    for method, dashes in zip(values["optimizer"].values, DASHES, strict=False):
        for rate, colour in zip(rates, family_colours(len(rates)), strict=True):
            runs = values.sel(optimizer=method, learning_rate=rate).transpose("run", "epoch").values
            error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
            label = rf"{method}, $\eta = {rate:g}$"
            error_band(axes, epochs, runs.mean(axis=0), error, colour, ls=dashes, label=label)
    axes.set(xlabel="epoch", xlim=(epochs[0], epochs[-1]))


def _over_learning_rates(axes: "Axes", values: xr.DataArray) -> None:
    """Draw the end of every method over the learning rate, with two standard errors."""
    for place, method in enumerate(values["optimizer"].values):
        marker, colour = MARKS[str(method)]
        runs = values.sel(optimizer=method)
        error = 2 * runs.std("run", ddof=1) / np.sqrt(runs.sizes["run"])
        axes.errorbar(
            values["learning_rate"],
            runs.mean("run"),
            error,
            color=COLOURS[colour],
            marker=marker,
            ls=DASHES[place],
            mfc="none",
            ms=4.5,
            capsize=2,
            label=str(method),
        )
    axes.set(xlabel=r"learning rate $\eta$", ylabel="test examples right (%)", xscale="log")
    rates = values["learning_rate"].values
    axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
    axes.minorticks_off()
    axes.legend(fontsize=8)


def draw_table(result: xr.Dataset) -> "Figure":
    """Draw the least test loss and the least test error as two tables."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    rows = result.sizes["learning_rate"] * result.sizes["optimizer"]
    figure = Figure(figsize=(9.0, 1.4 + 0.27 * rows), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, name in zip(panels, ("loss", "error"), strict=True):
        values = least(result, name).mean("run").transpose("learning_rate", "optimizer", "momentum")
        _table(axes, values, "{:.3f}" if name == "loss" else "{:.1%}")
    labels = [
        rf"{method}, $\eta = {rate:g}$"
        for rate in result["learning_rate"].values
        for method in result["optimizer"].values
    ]
    panels[0].set_yticks(range(rows), labels)
    panels[0].set_ylabel(r"method, learning rate $\eta$")
    panel_titles(list(panels), ["least test loss (nats)", "least test error"])
    frame = Patch(fill=False, ec=COLOURS["accent"], lw=1.6, label="best method of a setting")
    figure.legend(handles=[frame], loc="outside lower right", fontsize=8)
    return figure


def _table(axes: "Axes", values: xr.DataArray, form: str) -> None:
    """Draw numbers on a colour, light for large ones; the least of a setting is framed."""
    from matplotlib.patches import Rectangle

    numbers = values.values.reshape(-1, values.sizes["momentum"])
    ceiling = float(np.nanquantile(numbers, 0.9))
    axes.imshow(numbers, cmap="cividis", aspect="auto", vmin=np.nanmin(numbers), vmax=ceiling)
    middle = (np.nanmin(numbers) + ceiling) / 2
    for (row, column), number in np.ndenumerate(numbers):
        text = form.format(number) if np.isfinite(number) else "diverged"
        colour = "white" if number < middle else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
    methods = values.sizes["optimizer"]
    for (rate, column), place in np.ndenumerate(values.fillna(np.inf).argmin("optimizer").values):
        corner = (column - 0.47, rate * methods + int(place) - 0.45)
        axes.add_patch(
            Rectangle(corner, 0.94, 0.9, fill=False, ec=COLOURS["accent"], lw=1.6, clip_on=False)
        )
    for border in range(methods, len(numbers), methods):
        axes.axhline(border - 0.5, color="white", lw=2.0)
    momenta = values["momentum"].values
    axes.set_xticks(range(len(momenta)), [f"{momentum:g}" for momentum in momenta])
    axes.set_xlabel(r"momentum $\delta$")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
