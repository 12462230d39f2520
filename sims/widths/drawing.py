"""The picture of wide and deep minima: the wells and the agents, and who gathers where."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.curves import family_colours
from sdeopt.plot.densities import kernel_density
from sdeopt.plot.style import COLOURS, panel_titles
from sims.shared.drawing import MARKERS, logarithmic
from sims.widths.claims import least_consensus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STANDARD_ERRORS = 2.0
"""Half the height of bars."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw every pair of wells with the agents at three couplings, and the shares over the coupling."""
    from matplotlib.figure import Figure

    pairs = result["pair"].values.tolist()
    figure = Figure(figsize=(10.2, 6.0), layout="constrained")
    grid = figure.subplots(2, len(pairs))
    for index, pair in enumerate(pairs):
        _wells(grid[0, index], result.sel(pair=pair), result)
        _shares(grid[1, index], result.sel(pair=pair))
    panel_titles(list(grid.flat), [*pairs, *(f"{pair}: share" for pair in pairs)])
    grid[0, 0].set_ylabel("density of agents, loss (scaled)")
    grid[1, 0].set_ylabel("share at the minimum on the right")
    grid[0, 0].legend(fontsize=7, loc="upper center")
    grid[1, 0].legend(fontsize=7)
    return figure


def _wells(axes: "Axes", pair: xr.Dataset, result: xr.Dataset) -> None:
    """Draw the loss of a pair, and the law of the agents at three couplings."""
    x, loss = pair["position"].values, pair["loss"].values
    inside = loss[np.abs(x) <= 2.5]
    axes.plot(
        x, (loss - inside.min()) / np.ptp(inside), color=COLOURS["loss"], lw=1.2, label="loss"
    )
    gathered = least_consensus(result)
    middle = result["coupling"][1] if gathered is None else gathered["coupling"]
    chosen = dict.fromkeys((0.0, float(middle), float(result["coupling"][-1])))
    for k, colour in zip(chosen, family_colours(len(chosen)), strict=True):
        law = kernel_density(pair["final"].sel(coupling=k).values.ravel(), x)
        axes.plot(x, law / law.max(), color=colour, lw=1.1, label=f"$k = {k:g}$")
    axes.set(xlim=(-3, 3), ylim=(0, 1.35), xlabel="parameter $x$", yticks=[])


def _shares(axes: "Axes", pair: xr.Dataset) -> None:
    """Draw the shares of agents, and of means, on the right side over the coupling."""
    k = pair["coupling"].values
    means = (pair["mean"] > 0).astype(float)
    for values, name, marker in zip(
        (pair["right"], means), ("agents", "mean"), MARKERS, strict=False
    ):
        error = values.std("replica", ddof=1) / np.sqrt(values.sizes["replica"])
        axes.errorbar(
            k,
            values.mean("replica"),
            STANDARD_ERRORS * error,
            color=COLOURS[name],
            marker=marker,
            ms=3.5,
            lw=1.0,
            label=f"{name}, ± two standard errors",
        )
    axes.axhline(0.5, color="0.7", lw=0.8, zorder=0)
    logarithmic(axes, k.tolist(), "coupling $k$", linear=k[1])
    axes.set(ylim=(-0.03, 1.03))
    # room for the last marker
    axes.set_xlim(None, 1.25 * float(k[-1]))
