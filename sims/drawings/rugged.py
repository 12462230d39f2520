"""How Figs 1 to 3 are drawn: a panel for each coupling, laws over the true and the smoothed loss."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from sdeopt import plotting
from sdeopt.densities import Landscape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_laws", "draw_panels", "landscape"]

TITLES = {"none": "no coupling", "small": "small", "middle": "middle", "large": "large"}


def landscape(result: xr.Dataset) -> Landscape:
    """Return the two losses of a figure, as the backdrop of densities.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.models.rugged.simulate_couplings`.

    Returns
    -------
    Landscape
        Of the true and the convolved loss.
    """
    return Landscape(result["position"].values, result["loss"].values, result["convolved"].values)


def draw_panels(result: xr.Dataset) -> "Figure":
    """Draw a panel for each coupling: the laws of agents and mean over the two losses.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.models.rugged.simulate_couplings`.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels in a row.
    """
    couplings = result.sizes["coupling"]
    figure, panels = plotting.grid_of_panels(-(-couplings // 3), 3)
    for index, axes in enumerate(panels.flat):
        if index >= couplings:
            axes.remove()
            panels.flat[index - 3].tick_params(labelbottom=True)
    draw_laws(result, list(panels.flat)[:couplings])
    plotting.label_edges(panels, "parameter $x$", "density, loss (scaled)")
    plotting.shared_legend(figure, panels.flat[0])
    return figure


def draw_laws(result: xr.Dataset, panels: "Sequence[Axes]") -> None:
    """Draw the laws of every coupling, each on axes of its own.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.models.rugged.simulate_couplings`.
    panels : sequence of matplotlib.axes.Axes
        As many as there are couplings.
    """
    backdrop, titles = landscape(result), []
    for index, axes in enumerate(panels):
        panel = result.isel(coupling=index)
        backdrop.draw(axes, panel["agents"], panel["mean"], panel["start"])
        titles.append(f"$k = {panel['coupling'].item():g}$, {TITLES[panel['role'].item()]}")
    plotting.panel_titles(panels, titles)
