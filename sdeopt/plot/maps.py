"""Maps of a quantity over two coordinates: cross sections of a loss, grids of parameters."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.contour import QuadContourSet
    from matplotlib.figure import Figure

MARKS: dict[str, dict[str, Any]] = {
    "agents": {
        "marker": "o", "ls": "none", "ms": 3.0, "mfc": "white", "mec": "black", "mew": 0.4,
    },
    "mean": {
        "marker": "X", "ls": "none", "ms": 7.0, "mfc": "black", "mec": "white", "mew": 0.7,
    },
}  # fmt: skip
"""How points are drawn over a map, by ``axes.plot(x, y, **MARKS["agents"])``: with an edge that
stands out on dark and on light ground, and with different shapes and sizes, not colours alone."""


def draw_map(
    axes: "Axes",
    x: ArrayLike,
    y: ArrayLike,
    values: ArrayLike,
    *,
    levels: int = 12,
    limits: tuple[float, float] | None = None,
) -> "QuadContourSet":
    """Draw filled contours, dark where the values are low.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    x, y : array_like
        The coordinates of the grid.
    values : array_like
        Of shape (len(y), len(x)).
    levels : int
        The greatest number of steps between the limits; they come at round values.
    limits : (float, float), optional
        The least and the largest value that the colours tell apart; by default those on the map.
        Give the same to several panels that share a scale.

    Returns
    -------
    matplotlib.contour.QuadContourSet
        For `colour_scale`.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.plot.maps import colour_scale, draw_map
    >>> from sdeopt.plot.style import grid_of_panels
    >>> x = np.linspace(-2, 2, 41)
    >>> wells = (x**2 - 1) ** 2 + (x[:, None] ** 2 - 1) ** 2
    >>> figure, panels = grid_of_panels(1, 1)
    >>> drawn = draw_map(panels[0, 0], x, x, wells, limits=(0, 4))
    >>> colour_scale(figure, drawn, panels, "loss")
    >>> [float(level) for level in drawn.levels[:3]]
    [0.0, 0.4, 0.8]
    """
    from matplotlib.ticker import MaxNLocator

    heights = np.asarray(values, np.float64)
    low, high = (np.nanmin(heights), np.nanmax(heights)) if limits is None else limits
    steps = MaxNLocator(levels).tick_values(low, high)
    drawn = axes.contourf(
        x, y, heights, steps, cmap="cividis", extend="neither" if limits is None else "both"
    )
    drawn.set_edgecolor("face")  # or PDF viewers show white seams between the colours
    # Lines keep the shape when the colours are gone; thin, so that points drawn later stand out.
    axes.contour(x, y, heights, steps, colors="black", linewidths=0.25, linestyles="solid")
    return drawn


def colour_scale(
    figure: "Figure",
    drawn: "ScalarMappable",
    panels: NDArray[Any],
    label: str,
    extend: str = "neither",
) -> None:
    """Put the scale of colours beside the panels that share it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure, with a constrained layout.
    drawn : matplotlib.cm.ScalarMappable
        From `draw_map`, or an image.
    panels : numpy.ndarray
        The axes.
    label : str
        What the colours mean, with its unit.
    extend : str
        Ends that values lie beyond: "min", "max", "both" or "neither".

    Examples
    --------
    >>> from sdeopt.plot.maps import colour_scale
    >>> from sdeopt.plot.style import grid_of_panels
    >>> figure, panels = grid_of_panels(1, 2)
    >>> image = panels[0, 0].imshow([[0, 1]], cmap="cividis")
    >>> colour_scale(figure, image, panels, "share of replicas")
    >>> figure.axes[-1].get_ylabel()
    'share of replicas'
    """
    bar = figure.colorbar(drawn, ax=panels, label=label, pad=0.02, extend=extend)
    bar.outline.set_linewidth(0.6)
