"""The picture of mixtures of learning rates: when the mean leaves bad places, and where all end."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sdeopt.plot.style import COLOURS, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STANDARD_ERRORS = 2.0
"""Half the height of bars."""

KINDS: dict[str, dict[str, Any]] = {
    "mixed": {"color": COLOURS["agents"], "marker": "o", "label": "coarse and fine agents"},
    "single": {
        "color": COLOURS["second"],
        "marker": "s",
        "ls": "--",
        "mfc": "none",
        "label": "the mean learning rate for all",
    },
}

PARTS: dict[str, dict[str, Any]] = {
    "mixed_loss_of_mean": {"color": COLOURS["mean"], "marker": "o", "label": "mean of all"},
    "mixed_loss_of_fine": {
        "color": COLOURS["convolved"],
        "marker": "^",
        "label": "of the fine ones",
    },
    "mixed_loss_of_coarse": {
        "color": COLOURS["accent"],
        "marker": "v",
        "label": "of the coarse ones",
    },
    "single_loss_of_mean": {
        "color": COLOURS["second"],
        "marker": "s",
        "ls": "--",
        "mfc": "none",
        "label": "mean learning rate for all",
    },
}


def draw(result: xr.Dataset) -> "Figure":
    """Draw the times of leaving over the number of coarse agents, and the final losses."""
    from matplotlib.figure import Figure

    places = result["place"].values.tolist()
    figure = Figure(figsize=(11.0, 3.5), layout="constrained")
    panels = figure.subplots(1, len(places) + 1)
    for axes, place in zip(panels, places, strict=False):
        for kind, how in KINDS.items():
            _points(axes, result[f"{kind}_time"].sel(place=place), **how)
        axes.axhline(float(result["steps"]), color="0.7", lw=0.8, zorder=0, label="end of the runs")
        axes.set(yscale="log", ylim=(None, 5 * float(result["steps"])))
    for name, how in PARTS.items():
        _points(panels[-1], result[name], **how)
    for axes in panels:
        axes.set(xlabel=f"coarse agents of {int(result['agents'])}", xticks=result["coarse"].values)
    panels[0].set_ylabel("steps until the mean has left")
    panels[-1].set_ylabel("final loss of a mean")
    panels[1].legend(fontsize=7)
    panels[-1].legend(fontsize=7)
    panel_titles(list(panels), [*places, "in the end"])
    return figure


def _points(axes: "Axes", values: xr.DataArray, **how: Any) -> None:
    """Draw averages over replicas with their errors."""
    error = values.std("replica", ddof=1) / np.sqrt(values.sizes["replica"])
    axes.errorbar(
        values["coarse"], values.mean("replica"), STANDARD_ERRORS * error, ms=4, lw=1.0, **how
    )
