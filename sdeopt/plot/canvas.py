"""Where a picture goes: on the user's axes, or on a new figure that notebooks and windows show."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from sdeopt.errors import InvalidArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 3
"""Panels in a row of a new figure."""


def needs_matplotlib() -> None:
    """Say how to get matplotlib where it is missing."""
    if find_spec("matplotlib") is None:
        raise InvalidArgumentError(
            "drawing needs matplotlib, which is not installed; pip install 'sdeopt[sims]'."
        )


def panel(axes: "Axes | None", width: float = 5.0, height: float = 3.6) -> "Axes":
    """Return the given axes, or those of a new figure."""
    if axes is not None:
        return _checked([axes], 1)[0]
    return panels(None, 1, width, height)[0]


def panels(
    axes: "Axes | Sequence[Axes] | None", count: int, width: float = 3.4, height: float = 2.8
) -> "list[Axes]":
    """Return as many panels as are wanted, the given ones or new ones, three in a row."""
    if axes is not None:
        return _checked(np.ravel(np.asarray(axes, object)).tolist(), count)
    # unlike the figures of the project, a user's are known to pyplot, which shows them
    from matplotlib import pyplot

    columns = 2 if count == 4 else min(count, COLUMNS)
    rows = -(-count // columns)
    figure = pyplot.figure(figsize=(columns * width, rows * height), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for unused in grid.flat[count:]:
        unused.remove()
    return list(grid.flat)[:count]


def label_outer(panels: "Sequence[Axes]") -> None:
    """Keep the labels of the lowest panel of every column, and of the first of every row."""
    lowest: dict[int, int] = {}
    places = [axes.get_subplotspec() for axes in panels]
    for place in places:
        if place is not None:
            column = place.colspan.start
            lowest[column] = max(lowest.get(column, 0), place.rowspan.start)
    for axes, place in zip(panels, places, strict=True):
        if place is None:
            continue
        low = lowest[place.colspan.start] == place.rowspan.start
        axes.tick_params(labelbottom=low, labelleft=place.colspan.start == 0)
        axes.xaxis.label.set_visible(low)
        axes.yaxis.label.set_visible(place.colspan.start == 0)


def legend_below(axes: "Axes", columns: int = 3, **how: Any) -> None:
    """Put the legend of a panel below it, where it hides nothing."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=columns, fontsize=7, **how)


def _checked(given: list[Any], count: int) -> "list[Axes]":
    from matplotlib.axes import Axes

    wrong = [one for one in given if not isinstance(one, Axes)]
    if wrong:
        raise InvalidArgumentError(
            f"axes must be axes of matplotlib, such as those of plt.subplots(), "
            f"got {type(wrong[0]).__name__}."
        )
    if len(given) != count:
        raise InvalidArgumentError(
            f"axes holds {len(given)} panels, and {count} are drawn; give as many."
        )
    return given
