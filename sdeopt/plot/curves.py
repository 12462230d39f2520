"""Families of curves: one line for each value of a parameter, distinguishable in colour and in grey."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.plot.style import DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

LIGHTEST = 0.85
"""How far up the colour map a family goes; beyond it a thin line is lost on white paper."""

LABEL_SIZE = 8.0
"""Of the letters of a label, in points."""

LABEL_HEIGHT = 1.3
"""The distance of two labels, in heights of their letters."""


def family_colours(number: int) -> list[str]:
    """Return colours in an order that is visible to everybody and in a print in grey.

    Parameters
    ----------
    number : int
        How many, from the smallest value of the parameter to the largest.

    Returns
    -------
    list of str
        From dark to light, along the colour map cividis.

    Examples
    --------
    >>> from sdeopt.plot.curves import family_colours
    >>> family_colours(3)
    ['#00224e', '#6c6d72', '#d6c35d']
    """
    from matplotlib import colormaps, colors

    return [colors.to_hex(colour) for colour in colormaps["cividis"](_places(number))]


def _places(number: int) -> NDArray[np.float64]:
    return np.linspace(0.0, LIGHTEST, number)


def line_family(
    axes: "Axes",
    x: "ArrayLike | Mapping[Any, ArrayLike]",
    curves: Mapping[Any, ArrayLike],
    symbol: str = "k",
) -> "list[Line2D]":
    """Draw one line for each value of a parameter.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    x : array_like or mapping of value to array_like
        The positions, the same for all or those of each.
    curves : mapping of float or str to array_like
        Value of the parameter -> heights. Colours follow the order of the values; names stay in
        the order in which they are given.
    symbol : str
        The letter of the parameter, for the labels of numbers.

    Returns
    -------
    list of matplotlib.lines.Line2D
        By rising value; write their labels with `label_ends`, or with a legend.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.plot.curves import line_family
    >>> from sdeopt.plot.style import grid_of_panels
    >>> _, panels = grid_of_panels(1, 1)
    >>> x = np.linspace(0, 1, 5)
    >>> lines = line_family(panels[0, 0], x, {8.0: 1 - x, 0.5: 1 - x / 2})
    >>> [line.get_label() for line in lines]
    ['$k = 0.5$', '$k = 8$']
    """
    named = any(isinstance(value, str) for value in curves)
    values = list(curves) if named else sorted(curves)
    return [
        axes.plot(
            x[value] if isinstance(x, Mapping) else x,
            curves[value],
            color=colour,
            ls=DASHES[index % len(DASHES)],
            label=str(value) if named else f"${symbol} = {value:g}$",
        )[0]
        for index, (value, colour) in enumerate(
            zip(values, family_colours(len(values)), strict=True)
        )
    ]


def label_ends(axes: "Axes", lines: "Sequence[Line2D]") -> None:
    """Write the label of every line beside its end, in place of a legend.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel. Set its limits and scales before; the labels stand to the right of it.
    lines : sequence of matplotlib.lines.Line2D
        In the panel, each with a label. Where ends are close, the labels move apart and a thin
        line leads to each.

    Examples
    --------
    >>> from sdeopt.plot.curves import label_ends, line_family
    >>> from sdeopt.plot.style import grid_of_panels
    >>> _, panels = grid_of_panels(1, 1)
    >>> lines = line_family(panels[0, 0], [0, 1], {0: [2, 1.0], 3: [2, 1.01]})
    >>> label_ends(panels[0, 0], lines)
    >>> low, high = (text.xyann[1] for text in panels[0, 0].texts)
    >>> bool(high - low > 0.05)
    True
    """
    to_axes = axes.transData + axes.transAxes.inverted()
    ends = [(np.asarray(line.get_xdata())[-1], np.asarray(line.get_ydata())[-1]) for line in lines]
    heights = np.array([to_axes.transform(end)[1] for end in ends])
    figure = axes.get_figure(root=True)
    assert figure is not None
    gap = LABEL_HEIGHT * LABEL_SIZE / 72 * figure.dpi / axes.bbox.height
    for line, end, height in zip(lines, ends, _apart(heights, gap), strict=True):
        axes.annotate(
            str(line.get_label()),
            xy=end,
            xytext=(1.05, height),
            textcoords="axes fraction",
            va="center",
            fontsize=LABEL_SIZE,
            arrowprops={
                "arrowstyle": "-",
                "color": line.get_color(),
                "lw": 0.7,
                "relpos": (0, 0.5),
                "shrinkB": 0,
            },
        )


def _apart(heights: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Return the nearest heights from 0 to 1, in the same order, that are at least a gap apart."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(heights, kind="stable")
    steps = gap * np.arange(len(heights))
    moved = np.empty_like(heights)
    # Least squares under "each at least a gap above the last" is monotone regression.
    level = isotonic_regression(heights[order] - steps).x
    moved[order] = np.clip(level, 0, max(1 - steps[-1], 0)) + steps
    return moved


def error_band(
    axes: "Axes",
    x: ArrayLike,
    centre: ArrayLike,
    half_width: ArrayLike,
    colour: str,
    **line: Any,
) -> "Line2D":
    """Draw a line with a band of uncertainty around it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    x, centre : array_like
        The line.
    half_width : array_like
        How far the band reaches up and down; say in the caption what it is.
    colour : str
        Of the line, and paler of the band.
    **line
        More for the line: ``label``, ``ls``, ``marker``.

    Returns
    -------
    matplotlib.lines.Line2D
        The line.

    Examples
    --------
    >>> from sdeopt.plot.curves import error_band
    >>> from sdeopt.plot.style import COLOURS, grid_of_panels
    >>> _, panels = grid_of_panels(1, 1)
    >>> drawn = error_band(panels[0, 0], [0, 1], [3, 2], [0.2, 0.1], COLOURS["mean"], label="mean")
    >>> drawn.get_label()
    'mean'
    """
    middle, reach = np.asarray(centre, np.float64), np.asarray(half_width, np.float64)
    axes.fill_between(x, middle - reach, middle + reach, color=colour, alpha=0.2, lw=0)
    return axes.plot(x, middle, color=colour, **line)[0]
