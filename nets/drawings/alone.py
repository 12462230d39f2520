"""Single agents at several learning rates and momenta."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nets.claims.alone import least
from nets.drawings.trainings import logarithmic
from sdeopt import plotting
from sdeopt.curves import error_band, family_colours
from sdeopt.plotting import COLOURS, DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_rates", "draw_table"]

MARKS = {"EASGD-WM": ("o", "accent"), "EASGD": ("s", "convolved"), "MSGD": ("D", "mean")}


def draw_rates(result: xr.Dataset) -> "Figure":
    """Draw test loss and accuracy over the epochs, and the end over the learning rate.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.alone.alone_at`, at one momentum.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels.
    """
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
    plotting.panel_titles(
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
    """Draw the least test loss and the least test error as two tables.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.alone.alone_at`.

    Returns
    -------
    matplotlib.figure.Figure
        A row for each learning rate and method, a column for each momentum; the best method of a
        setting is framed.
    """
    from matplotlib.figure import Figure

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
    plotting.panel_titles(list(panels), ["least test loss (nats)", "least test error"])
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
