import shutil

import pytest
from matplotlib.animation import FuncAnimation
from PIL import Image

from sdeopt.errors import OutputError
from sdeopt.plot import style as plotting
from sdeopt.plot.animation import write_animation


def moving_point(frames=3):
    figure, panels = plotting.grid_of_panels(1, 1)
    (point,) = panels[0, 0].plot([0], [0], "o")
    panels[0, 0].set_xlim(0, frames)
    return FuncAnimation(figure, lambda frame: point.set_data([frame], [0]), frames=frames)


@pytest.fixture
def no_encoder(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda program: None)


@pytest.mark.usefixtures("no_encoder")
def test_every_frame_is_written(tmp_path):
    path = write_animation(moving_point(), tmp_path, "point")
    assert [entry.name for entry in tmp_path.iterdir()] == ["point.gif"]
    with Image.open(path) as image:
        frames = [(image.seek(index), image.convert("RGB").tobytes())[1] for index in range(3)]
        assert image.n_frames == 3
    assert len(set(frames)) == 3


@pytest.mark.usefixtures("no_encoder")
def test_a_full_disk_leaves_the_old_one(tmp_path, full_disk):
    path = write_animation(moving_point(), tmp_path, "point")
    before = path.read_bytes()
    with full_disk(500), pytest.raises(OutputError, match=r"could not write .*point\.gif"):
        write_animation(moving_point(), tmp_path, "point")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["point.gif"]


@pytest.mark.usefixtures("no_encoder")
def test_a_bar_is_for_terminals_only(tmp_path, monkeypatch, capsys):
    write_animation(moving_point(), tmp_path, "point")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    write_animation(moving_point(), tmp_path, "point")
    assert "point.gif" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
def test_with_an_encoder_it_is_a_film(tmp_path):
    path = write_animation(moving_point(), tmp_path, "point")
    assert path.name == "point.mp4"
    assert path.read_bytes()[4:8] == b"ftyp"
