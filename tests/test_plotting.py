import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

from sdeopt import plotting


def luminance(colour):
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_main_colours_differ_in_grey():
    lights = [luminance(plotting.COLOURS[name]) for name in ("agents", "mean", "loss", "convolved")]
    lights.append(1.0)  # the paper
    gaps = np.diff(np.sort(lights))
    # agents and the true loss are a filled area and a thin line; all others stand apart
    assert np.sort(gaps)[1] > 0.2


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
        "import sys; from sdeopt import plotting; assert 'matplotlib' not in sys.modules\n"
        "plotting.grid_of_panels(1, 1); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
