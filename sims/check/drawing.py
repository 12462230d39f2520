"""The picture of a check: what was measured, in units of what is predicted."""

from typing import TYPE_CHECKING

import numpy as np

from sdeopt.plot.style import COLOURS
from sims.check.report import Report
from sims.check.theorem import AT_LEAST, AT_MOST, BROKEN, HOLDS, UNDECIDED, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = {
    HOLDS: ("o", COLOURS["convolved"]),
    UNDECIDED: ("D", COLOURS["loss"]),
    BROKEN: ("X", COLOURS["accent"]),
}
"""Marker and colour of every verdict."""

ROW_HEIGHT, HEAD = 0.34, 1.7
"""Inches."""

STEPS, CROWDED = (1, 2, 5), 1e4
"""What is marked in a decade, and over how many times that is too much."""

ALLOWED = "#e8e8e8"
"""The side of the prediction on which what is measured may lie."""


def draw(report: Report) -> "Figure":
    """Draw measured / predicted for every theorem that applies."""
    from matplotlib.figure import Figure

    rows = [row for row in report.rows if row.applies and row.measured and (row.predicted or 0) > 0]
    figure = Figure(figsize=(8.4, HEAD + ROW_HEIGHT * max(len(rows), 3)), layout="constrained")
    axes = figure.subplots()
    figure.suptitle(report.title, fontsize=10, x=0.01, ha="left")
    if not rows:
        axes.text(0.5, 0.5, "no bound applies", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return figure
    axes.set_xscale("log")
    low, high = _limits(rows)
    for place, row in enumerate(rows):
        _allowed(axes, place, row, low, high)
        _point(axes, place, row)
    axes.axvline(1.0, color="black", lw=1.0)
    axes.set_xlim(low, high)
    ticks = [step * 10.0**power for power in range(-12, 13) for step in STEPS]
    marked = [tick for tick in ticks if low <= tick <= high]
    # three in a decade are too many for many decades
    marked = marked if high / low < CROWDED else [tick for tick in marked if f"{tick:e}"[0] == "1"]
    axes.set_xticks(marked, [f"{tick:g}" for tick in marked])
    axes.minorticks_off()
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [f"{row.title}:  {row.quantity}" for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("measured / predicted (grey: what the theorem allows)")
    _legend(figure, axes, rows)
    return figure


def _limits(rows: list[Row]) -> tuple[float, float]:
    numbers = [
        value / row.predicted
        for row in rows
        for value in (row.measured, row.lower, row.upper, row.exact)
        if value and value > 0 and row.predicted
    ]
    return min(*numbers, 0.5) / 1.6, max(*numbers, 2.0) * 1.6


def _allowed(axes: "Axes", place: int, row: Row, low: float, high: float) -> None:
    ends = {AT_MOST: (low, 1.0), AT_LEAST: (1.0, high)}.get(row.relation)
    if ends is not None:
        axes.fill_betweenx([place - 0.36, place + 0.36], *ends, color=ALLOWED, lw=0, zorder=0)


def _point(axes: "Axes", place: int, row: Row) -> None:
    assert row.predicted
    assert row.measured
    marker, colour = LOOKS[row.verdict]
    centre = row.measured / row.predicted
    reach = np.zeros((2, 1))
    if row.lower is not None and row.upper is not None:
        ends = np.array([[row.measured - row.lower], [row.upper - row.measured]])
        reach = ends / row.predicted
    axes.errorbar(
        [centre], [place], xerr=reach, marker=marker, ms=6, color=colour, capsize=2.5, zorder=3
    )
    if row.exact:
        exact = row.exact / row.predicted
        axes.plot([exact], [place], "|", color="black", ms=15, mew=1.2, zorder=4)


def _legend(figure: "Figure", axes: "Axes", rows: list[Row]) -> None:
    for verdict, (marker, colour) in LOOKS.items():
        if any(row.verdict == verdict for row in rows):
            label = f"simulation, 99.9% limits: {verdict}"
            axes.plot([], [], ls="none", marker=marker, color=colour, label=label)
    if any(row.exact for row in rows):
        axes.plot([], [], "|", ls="none", color="black", ms=11, label="exact value")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
