"""How Figs 1 to 3 are drawn: a panel a coupling, densities over the true and the smoothed loss."""

from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.densities import Landscape, kernel_density
from sdeopt.plot.style import COLOURS, label_edges, panel_titles, shared_legend
from sims.shared.measures import Basins
from sims.shared.panels import three_columns, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def landscape(result: xr.Dataset) -> Landscape:
    """Return the two losses of a figure, as the backdrop of densities."""
    return Landscape(result["position"].values, result["loss"].values, result["convolved"].values)


def draw_panels(result: xr.Dataset) -> "Figure":
    """Draw a panel for each coupling: the laws of agents and mean over the two losses."""
    figure, grid, panels = three_columns(result.sizes["coupling"])
    draw_laws(result, panels)
    label_edges(grid, "parameter $x$", "density, loss (scaled)")
    shared_legend(figure, panels[0])
    return figure


def draw_laws(result: xr.Dataset, panels: "Sequence[Axes]") -> None:
    """Draw the laws of every coupling, each on axes of its own."""
    backdrop, titles = landscape(result), []
    for index, axes in enumerate(panels):
        panel = result.isel(coupling=index)
        backdrop.draw(axes, panel["agents"], panel["mean"], panel["start"])
        titles.append(title_of(panel))
    panel_titles(panels, titles)


def draw_enlarged(result: xr.Dataset) -> "Figure":
    """Draw a panel for each coupling and, below it, the ripples that hold most agents, enlarged.

    At the last step size the laws are too narrow to be told from a line at the scale of the loss.
    """
    from matplotlib.figure import Figure

    couplings = result.sizes["coupling"]
    rows = -(-couplings // 3)
    figure = Figure(figsize=(9.0, 3.3 * rows + 0.6), layout="constrained")
    grid = figure.subplots(2 * rows, 3, height_ratios=[2.0, 1.0] * rows, squeeze=False)
    wide, close = grid[::2].ravel(), grid[1::2].ravel()
    for unused in (*wide[couplings:], *close[couplings:]):
        unused.remove()
    draw_laws(result, wide[:couplings].tolist())
    for index in range(couplings):
        low, high = _enlarge(close[index], result.isel(coupling=index))
        wide[index].axvspan(low, high, color="0.88", lw=0, zorder=0)
        close[index].set_title(f"({ascii_lowercase[index]}) enlarged", loc="left", fontsize=8)
    label_edges(grid[::2], "", "density, loss (scaled)")
    label_edges(grid[1::2], "parameter $x$", "")
    shared_legend(figure, wide[0])
    return figure


def _enlarge(axes: "Axes", panel: xr.Dataset) -> tuple[float, float]:
    """Draw the ripple that holds most agents, with one on either side; return the stretch."""
    backdrop = landscape(panel)
    agents, mean = panel["agents"].values, panel["mean"].values
    true = Basins.of(panel["position"], panel["loss"])
    fullest = np.bincount(true.number(agents).ravel(), minlength=len(true.minima)).argmax()
    margin = 3.0 * np.pi / panel["ripple_frequency"].item()
    low, high = true.minima[fullest] - margin, true.minima[fullest] + margin
    x = np.linspace(low, high, 801)
    for name, style in (("loss", "-"), ("convolved", (0, (5, 1.5)))):
        curve = np.interp(x, backdrop.position, backdrop.normalized(panel[name].values))
        axes.plot(x, curve, color=COLOURS[name], lw=1.1, ls=style)
    for sample, fill in ((agents, True), (mean, False)):
        inside = sample[(sample > low) & (sample < high)]
        # A few means show no density; those outside are drawn in the panel above.
        if inside.size < 0.05 * sample.size:
            continue
        law = kernel_density(inside, x)
        if fill:
            axes.fill_between(x, law / law.max(), color=COLOURS["agents"], alpha=0.45, lw=0)
        else:
            axes.plot(x, law / law.max(), color=COLOURS["mean"])
    axes.set(xlim=(low, high), ylim=(0, 1.06), yticks=[])
    axes.spines["left"].set_visible(False)
    return low, high
