import dataclasses
import itertools

import numpy as np
from PIL import Image

import sdeopt as so
from sims.rugged import animation as rugged_animation
from sims.rugged import fig1
from sims.rugged.model import final_states

TINY = dataclasses.replace(
    fig1.QUICK, steps=40, agents=6, replicas=2, coupling=(0.0, 3.0, 8.0, 20.0, 26.0)
)


def test_frames_show_the_agents_moving(tmp_path, monkeypatch):
    monkeypatch.setattr(rugged_animation, "FRAMES", 4)
    monkeypatch.setattr(rugged_animation, "HELD", 1)
    path = tmp_path / "agents.gif"
    rugged_animation.animate(TINY, so.QSGD).save(path, writer="pillow", dpi=40)
    with Image.open(path) as image:
        frames = [
            (image.seek(index), np.asarray(image.convert("L"), float))[1]
            for index in range(image.n_frames)
        ]
    assert len(frames) == 4  # pillow lets the last one stay
    panel = np.s_[: frames[0].shape[0] // 2, : frames[0].shape[1] // 2]
    for before, after in itertools.pairwise(frames):
        assert np.mean(np.abs(after - before)[panel] > 60) > 0.001


def test_what_moves_is_the_first_replica_of_the_figure():
    figure, show, _ = rugged_animation._staged(TINY, so.QSGD)
    show(10**6)
    assert [axes.get_title("left") for axes in figure.axes] == [
        "(a) $k = 0$, no coupling",
        "(b) $k = 3$, small",
        "(c) $k = 8$, middle",
        "(d) $k = 20$, large",
    ]
    assert figure.get_suptitle() == "step 40 of 40"
    last = final_states(TINY, so.QSGD(8.0))
    drawn = {line.get_label(): line for line in figure.axes[2].lines}
    assert np.array_equal(drawn["agents $x^i$"].get_xdata(), last["agents"].values[0])
    assert np.array_equal(drawn["mean $x^\\bullet$"].get_xdata(), last["mean"].values[:1])


def test_agents_are_drawn_on_the_true_loss():
    figure, show, _ = rugged_animation._staged(TINY, so.QSGD)
    show(0)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    x, heights = lines["agents $x^i$"].get_data()
    assert np.allclose(heights, np.interp(x, *lines["true loss"].get_data()), atol=0.01)


def test_fewer_kinds_of_coupling_make_fewer_panels():
    few = dataclasses.replace(TINY, coupling=(0.0, 8.0))
    figure, show, frames = rugged_animation._staged(few, so.QSGD)
    show(frames - 1)
    assert len(figure.axes) == 2
