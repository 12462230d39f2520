"""Box plots show what the claims are about: quartiles, median, whiskers, outliers, lost runs."""

import numpy as np

from sdeopt.plot.boxes import draw_boxes
from sdeopt.plot.style import COLOURS, grid_of_panels

RUNS = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 30.0])


def _panel():
    return grid_of_panels(1, 1)[1][0, 0]


def test_a_box_has_the_numbers_of_its_runs():
    axes = _panel()
    draw_boxes(axes, [2.0], [RUNS], label="some runs")
    box, *_ = axes.patches
    low, middle, high = np.quantile(RUNS, [0.25, 0.5, 0.75])
    corners = box.get_path().vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (low, high)
    ends = [line.get_ydata() for line in axes.lines]
    assert [low, 1.0] in [list(each) for each in ends]
    assert [high, 9.0] in [list(each) for each in ends]
    assert [middle, middle] in [list(each) for each in ends]
    assert [30.0] in [list(each) for each in ends]
    assert axes.get_legend_handles_labels()[1] == ["some runs"]


def test_runs_that_diverged_are_crossed_out():
    axes = _panel()
    before = len(_panel().lines)
    draw_boxes(axes, [0.0, 1.0], [RUNS, RUNS + 1], diverged=[RUNS > 8, RUNS < 0])
    crosses = [line for line in axes.lines if line.get_color() == COLOURS["accent"]]
    assert len(axes.lines) > before
    assert [list(line.get_ydata()) for line in crosses] == [[9.0, 30.0]]
