import itertools
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

from sdeopt.plot import style as plotting
from sdeopt.plot.densities import Landscape
from tests.grey import lightness

PAPER = 100.0

APART = 10.0
"""Two colours whose lightness L* differs by a tenth of the way from black to white read as two
greys side by side; closer ones must not be told apart by colour alone."""


def close_in_grey(names):
    lights = {name: lightness(plotting.COLOURS[name]) for name in names} | {"paper": PAPER}
    return [
        pair for pair in itertools.combinations(lights, 2)
        if abs(lights[pair[0]] - lights[pair[1]]) < APART
    ]  # fmt: skip


def test_colours_of_one_drawing_differ_in_grey():
    # agents are a filled area and the loss a thin line over it
    assert close_in_grey(["agents", "mean", "loss", "convolved"]) == [("agents", "loss")]


def test_all_colours_stand_out_from_paper():
    lights = [lightness(colour) for colour in plotting.COLOURS.values()]
    assert max(lights) < PAPER - 25


def test_the_colours_that_are_close_in_grey_are_these():
    # who draws two of these as lines in one panel gives them different DASHES
    assert close_in_grey(plotting.COLOURS) == [
        ("agents", "loss"),
        ("agents", "third"),
        ("loss", "third"),
        ("convolved", "accent"),
        ("accent", "second"),
        ("accent", "third"),
        ("second", "third"),
    ]
    assert len({str(dashes) for dashes in plotting.DASHES}) == 4


def test_the_density_panels_do_not_rely_on_colour():
    """Lines of a panel that are close in grey differ in dashes; or one is an area, not a line."""
    x = np.linspace(-2, 2, 81)
    with plotting.house_style():
        _, panels = plotting.grid_of_panels(1, 1)
        sample = np.linspace(-1, 1, 50)
        Landscape(x, (x**2 - 1) ** 2, x**4 - x**2).draw(panels[0, 0], sample, sample, sample)
    for one, other in itertools.combinations(panels[0, 0].lines, 2):
        greys = [lightness(line.get_color()) for line in (one, other)]
        if abs(greys[0] - greys[1]) < APART:
            assert one.get_linestyle() != other.get_linestyle()


def test_the_style_of_the_user_comes_back():
    before = mpl.rcParams["font.size"]
    with plotting.house_style():
        assert mpl.rcParams["font.size"] == 9.0
        mpl.rcParams["lines.linewidth"] = 77
    assert mpl.rcParams["font.size"] == before
    assert mpl.rcParams["lines.linewidth"] != 77


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_files_are_deterministic(tmp_path, suffix):
    for name in ("one", "two"):
        with plotting.house_style():
            figure, panels = plotting.grid_of_panels(1, 2)
            panels[0, 0].plot([0, 1], label="line")
            plotting.shared_legend(figure, panels[0, 0])
        plotting.save(figure, tmp_path / f"{name}.{suffix}")
    one, two = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
    assert one == two


def test_no_window_and_no_pyplot():
    code = (
        "import sys; from sdeopt.plot import style as plotting; assert 'matplotlib' not in sys.modules\n"
        "plotting.grid_of_panels(1, 1); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
