import numpy as np
from matplotlib import colormaps

from sdeopt.plot import maps
from sdeopt.plot import style as plotting
from tests.grey import lightness

X, Y = np.linspace(-2, 2, 41), np.linspace(-1, 1, 21)
WELLS = (X**2 - 1) ** 2 + Y[:, None] ** 2


def drawn(**options):
    figure, panels = plotting.grid_of_panels(1, 1)
    return figure, panels, maps.draw_map(panels[0, 0], X, Y, WELLS, **options)


def test_dark_is_low_and_every_step_is_lighter_in_grey():
    _, _, contours = drawn()
    lights = [lightness(colour) for colour in contours.cmap(np.linspace(0, 1, 13))]
    assert contours.cmap.name == "cividis"
    assert np.diff(lights).min() > 4  # one tenth of the way from black to white in two steps


def test_panels_with_the_same_limits_share_a_scale():
    _, _, one = drawn(limits=(0, 3))
    _, panels = plotting.grid_of_panels(1, 1)
    other = maps.draw_map(panels[0, 0], X, Y, 2 * WELLS, limits=(0, 3))
    assert np.array_equal(one.levels, other.levels)
    assert (one.extend, drawn()[2].extend) == ("both", "neither")


def test_the_scale_of_colours_has_round_numbers():
    figure, panels, contours = drawn(limits=(0, 3.1))
    with plotting.house_style():
        maps.colour_scale(figure, contours, panels, "loss")
    ticks = figure.axes[-1].get_yticks()
    assert np.allclose(10 * ticks, np.round(10 * ticks))


def test_marks_stand_out_from_every_colour_of_the_map():
    ground = [lightness(colour) for colour in colormaps["cividis"](np.linspace(0, 1, 50))]
    for mark in maps.MARKS.values():
        face, edge = lightness(mark["mfc"]), lightness(mark["mec"])
        assert all(max(abs(face - light), abs(edge - light)) > 25 for light in ground)
