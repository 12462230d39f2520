import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sdeopt.plot import curves
from sdeopt.plot import style as plotting
from tests.grey import lightness


@pytest.mark.parametrize("number", [2, 6, 12])
def test_a_family_rises_in_grey_and_stays_visible_on_paper(number):
    lights = [lightness(colour) for colour in curves.family_colours(number)]
    assert np.all(np.diff(lights) > 60 / number)
    assert lights[-1] < 80


def test_one_curve_is_a_family():
    assert lightness(curves.family_colours(1)[0]) < 20


def test_neighbours_differ_in_dashes():
    _, panels = plotting.grid_of_panels(1, 1)
    lines = curves.line_family(panels[0, 0], [0, 1], {k: [k, k] for k in range(8)})
    dashes = [str(line.get_linestyle()) + str(line._dash_pattern) for line in lines]
    assert all(one != other for one, other in itertools.pairwise(dashes))


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("ends", [[1, 1, 1, 1], [1, 5, 1.01, 9], [9, 8.9, 8.8, 1]])
def test_labels_of_line_ends_never_overlap(scale, ends):
    with plotting.house_style():
        figure, panels = plotting.grid_of_panels(1, 1)
        axes = panels[0, 0]
        axes.set_yscale(scale)
        lines = curves.line_family(axes, [0, 1], {k: [2, end] for k, end in enumerate(ends)})
        curves.label_ends(axes, lines)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    # the letters, without the lines that lead to them
    places = [Text.get_window_extent(text, canvas.get_renderer()) for text in axes.texts]
    assert not any(Bbox.intersection(*pair) for pair in itertools.combinations(places, 2))
    inside = axes.get_window_extent()
    assert all(inside.y0 - 10 < box.y0 and box.y1 < inside.y1 + 10 for box in places)


def test_labels_keep_the_order_of_the_ends():
    heights = np.array([0.5, 0.1, 0.52, 0.51])
    apart = curves._apart(heights, 0.1)
    assert list(np.argsort(apart)) == list(np.argsort(heights))
    assert np.diff(np.sort(apart)).min() == pytest.approx(0.1)
    assert apart[1] == 0.1


def test_a_band_reaches_as_far_as_told():
    _, panels = plotting.grid_of_panels(1, 1)
    line = curves.error_band(panels[0, 0], [0, 1], [3, 2], [0.5, 0.1], plotting.COLOURS["mean"])
    (band,) = panels[0, 0].collections
    assert band.get_datalim(panels[0, 0].transData).bounds == pytest.approx((0, 1.9, 1, 1.6))
    assert list(line.get_ydata()) == [3, 2]
