"""The figure style of the project.

Colours are those of Okabe & Ito, which people with colour-blindness can distinguish; lines differ in
dashes and width as well, so that a print in grey still reads. Figures are made without pyplot: no
window, no global state, the same bytes every time. Families of curves are in `sdeopt.plot.curves`, maps
over two coordinates in `sdeopt.plot.maps`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    "agents": "#56B4E9",
    "mean": "#000000",
    "loss": "#E69F00",
    "convolved": "#0072B2",
    "accent": "#D55E00",
    "second": "#009E73",
    "third": "#CC79A7",
}
"""What every colour means, the same in all figures."""

DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
"""What lines in one panel alternate between: full, dashed, dotted, dash-dotted."""

_STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    # its lightness increases with the value, so it prints well in grey
    "image.cmap": "cividis",
    "figure.dpi": 100,
    "savefig.dpi": 200,
    # Text in a PDF stays text, in a font that every printer takes.
    "pdf.fonttype": 42,
}

_NO_DATE = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the style of the project inside this block, whatever the user's own style is.

    Examples
    --------
    >>> from sdeopt.plot.style import grid_of_panels, house_style
    >>> with house_style():
    ...     figure, panels = grid_of_panels(2, 3)
    >>> panels.shape
    (2, 3)
    """
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib import style

    own = cycler(color=[COLOURS[name] for name in ("convolved", "accent", "second", "third")])
    with mpl.rc_context(), style.context(["default", _STYLE | {"axes.prop_cycle": own}]):
        yield


def grid_of_panels(
    rows: int, columns: int, width: float = 3.0, height: float = 2.2
) -> "tuple[Figure, NDArray[Any]]":
    """Return a figure with a grid of panels that share their axes.

    Parameters
    ----------
    rows, columns : int
        The shape of the grid.
    width, height : float
        The size of one panel in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not known to pyplot; write it with `save`.
    panels : numpy.ndarray
        The axes, of shape (rows, columns).

    Examples
    --------
    >>> from sdeopt.plot.style import grid_of_panels
    >>> figure, panels = grid_of_panels(1, 2)
    >>> len(figure.axes)
    2
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns * width, rows * height + 0.6), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    return figure, panels


def save(figure: "Figure", *paths: str | os.PathLike[str]) -> None:
    """Write a figure without its date, so that the same result gives the same file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What was drawn. Its panels are laid out once, for all files, and stay where they are.
    *paths : str or path-like
        The files; their suffixes choose the formats.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sdeopt.plot.style import grid_of_panels, save
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "empty.pdf"
    >>> save(grid_of_panels(1, 1)[0], path)
    >>> path.stat().st_size > 0
    True
    """
    with house_style():
        # Half of the time to write a figure of many panels is their layout.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for target in map(Path, paths):
            figure.savefig(target, metadata=_NO_DATE.get(target.suffix, {}))


def shared_legend(figure: "Figure", axes: "Axes") -> None:
    """Put the legend of one panel below the whole figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure, with a constrained layout.
    axes : matplotlib.axes.Axes
        The panel whose entries are shown.

    Examples
    --------
    >>> from sdeopt.plot.style import grid_of_panels, shared_legend
    >>> figure, panels = grid_of_panels(1, 2)
    >>> _ = panels[0, 0].plot([0, 1], label="a line")
    >>> shared_legend(figure, panels[0, 0])
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['a line']
    """
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def label_edges(panels: NDArray[Any], x: str, y: str) -> None:
    """Write axis labels on the left and lower edge of a grid of panels only.

    Parameters
    ----------
    panels : numpy.ndarray
        The axes, of shape (rows, columns).
    x, y : str
        The labels.

    Examples
    --------
    >>> from sdeopt.plot.style import grid_of_panels, label_edges
    >>> figure, panels = grid_of_panels(2, 2)
    >>> label_edges(panels, "$x$", "loss")
    >>> panels[1, 1].get_xlabel(), panels[1, 1].get_ylabel()
    ('$x$', '')
    """
    for axes in panels[-1]:
        axes.set_xlabel(x)
    for axes in panels[:, 0]:
        axes.set_ylabel(y)


def panel_titles(panels: Sequence["Axes"], titles: Sequence[str]) -> None:
    """Write titles with letters: (a), (b), ...

    Parameters
    ----------
    panels : sequence of matplotlib.axes.Axes
        The panels, at most 26.
    titles : sequence of str
        As many titles.

    Examples
    --------
    >>> from sdeopt.plot.style import grid_of_panels, panel_titles
    >>> figure, panels = grid_of_panels(1, 2)
    >>> panel_titles(list(panels.flat), ["no coupling", "strong coupling"])
    >>> panels[0, 1].get_title("left")
    '(b) strong coupling'
    """
    for letter, axes, title in zip(ascii_lowercase, panels, titles, strict=False):
        axes.set_title(f"({letter}) {title}", loc="left")
