"""One picture that says where EASGD is better, and where it is worse."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from nets.figures.judging import judge_of
from nets.figures.regime_claims import OTHERS, couplings_of, gains, sizes_of
from sdeopt.plot.maps import colour_scale
from sdeopt.plot.style import grid_of_panels, label_edges, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

KINDS = (
    ("loss", 1.0, "less test loss with EASGD"),
    ("accuracy", 100.0, "more accuracy with EASGD (points)"),
)

# the edge shows it on dark cells
_MARK: dict[str, Any] = {
    "marker": "o",
    "markersize": 3.5,
    "color": "black",
    "markeredgecolor": "white",
    "markeredgewidth": 0.5,
}


def draw_gains(result: xr.Dataset) -> "Figure":
    """Draw what EASGD gains on each method (rows) at each coupling (columns), over epochs and sizes.

    Cells in which a training was lost stay empty.
    """
    from matplotlib.lines import Line2D

    couplings, sizes = couplings_of(result), sizes_of(result)
    figure, panels = grid_of_panels(len(KINDS) * len(OTHERS), len(couplings), 2.7, 1.5)
    titles = []
    for kind, (name, factor, label) in enumerate(KINDS):
        rows = panels[kind * len(OTHERS) : (kind + 1) * len(OTHERS)]
        cells = {
            (place, column): _finite(
                # without the start, where nothing is trained
                [factor * gains(result, other, size, k, name).values[:, 1:] for size in sizes]
            )
            for place, other in enumerate(OTHERS)
            for column, k in enumerate(couplings)
        }
        most = _most_coloured(list(cells.values()))
        epochs = gains(result, "QSGD", sizes[0], couplings[0], name)["epoch"].values[1:]
        for (place, column), values in cells.items():
            mesh = _draw_cells(rows[place, column], values, epochs, sizes, most)
            _mark_clear(rows[place, column], judge_of(result).reach, values)
            titles.append(f"against {OTHERS[place]}, $k = {couplings[column]:g}$")

        colour_scale(figure, mesh, rows, label, extend="both")
    panel_titles(list(panels.flat), titles)
    label_edges(panels, "epoch", "training examples")
    mark = Line2D([], [], linestyle="none", **_MARK)
    figure.legend([mark], ["interval leaves out 0"], loc="outside lower center")
    return figure


def _finite(gained: list[np.ndarray]) -> np.ndarray:
    every = np.stack(gained)
    return np.where(np.isfinite(every), every, np.nan)


def _most_coloured(cells: list[np.ndarray]) -> float:
    """Return where the colours end: differences at the beginnings, or in one cell, can be far larger."""
    ends = [np.nan_to_num(each.mean(axis=1))[:, -1] for each in cells]
    return float(np.quantile(np.abs(ends), 0.9)) or 1.0


def _draw_cells(
    axes: "Axes", values: np.ndarray, epochs: np.ndarray, sizes: list[int], most: float
) -> "QuadMesh":
    """Draw averages over runs as cells, one an epoch that was tested and a size."""
    mesh = axes.pcolormesh(
        np.arange(len(epochs) + 1) - 0.5,
        np.arange(len(sizes) + 1) - 0.5,
        values.mean(axis=1),
        cmap="RdBu",
        vmin=-most,
        vmax=most,
        edgecolors="face",
    )
    shown = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), 5)).astype(int))
    axes.set_xticks(shown, [f"{epochs[each]:g}" for each in shown])
    axes.set_yticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    return mesh


def _mark_clear(axes: "Axes", reach: object, values: np.ndarray) -> None:
    """Mark the cells whose interval leaves out zero."""
    assert callable(reach)
    ends = np.stack([reach(each) for each in values])
    for size, epoch in zip(*np.nonzero(abs(values.mean(axis=1)) > ends), strict=True):
        axes.plot(epoch, size, **_MARK)
