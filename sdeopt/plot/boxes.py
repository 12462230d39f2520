"""Box plots of few runs: quartiles, median, whiskers, outliers, and runs that diverged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.plot.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH = 1.5
"""Whiskers end at the last run within so many interquartile ranges of the box; beyond are outliers."""

WIDTH = 0.6
"""Of a box, where neighbours are 1 apart."""


def draw_boxes(
    axes: "Axes",
    places: Sequence[float],
    groups: Sequence[ArrayLike],
    *,
    colour: str = COLOURS["mean"],
    width: float = WIDTH,
    diverged: Sequence[ArrayLike] | None = None,
    label: str = "",
) -> None:
    """Draw a box for each group of runs.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    places : sequence of float
        Where the boxes stand.
    groups : sequence of array_like
        The runs of each box: the box from the first to the third quartile, a line at the median,
        whiskers to the last run within `REACH` interquartile ranges, the rest as points.
    colour : str
        Of lines, and paler inside.
    width : float
        Of a box.
    diverged : sequence of array_like, optional
        Of each group, which runs diverged: they are crossed out at the value that stands for them.
    label : str
        For the legend.

    Examples
    --------
    >>> from sdeopt.plot.boxes import draw_boxes
    >>> from sdeopt.plot.style import grid_of_panels
    >>> _, panels = grid_of_panels(1, 1)
    >>> draw_boxes(panels[0, 0], [0, 1], [[1, 2, 3, 4, 20], [2, 3, 4]])
    >>> panels[0, 0].lines[5].get_ydata().tolist()  # the outlier of the first box
    [20.0]
    """
    from matplotlib.colors import to_rgba

    line = {"color": colour}
    values = [np.asarray(group, np.float64) for group in groups]
    boxes = axes.boxplot(
        values,
        positions=list(places),
        widths=width,
        whis=REACH,
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": to_rgba(colour, 0.25), "edgecolor": colour},
        whiskerprops=line,
        capprops=line,
        medianprops={"color": colour, "lw": 1.8},
        flierprops={"marker": "o", "ms": 3.0, "mfc": "none", "mec": colour},
    )
    boxes["boxes"][0].set_label(label)
    if diverged is None:
        return
    for place, runs, lost in zip(places, values, diverged, strict=True):
        marked = runs[np.asarray(lost, np.bool_)]
        if len(marked):
            axes.plot(np.full(len(marked), place), marked, "x", color=COLOURS["accent"], ms=5.0)
