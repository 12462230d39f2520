"""A sweep continues from what is in its folder, and takes nothing for what it is not."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import DivergenceError
from sdeopt.sweeps import computing as running
from sdeopt.sweeps import storage

RUN = {"steps": 20, "step_size": [0.1, 0.2], "start": so.start.Uniform(-1, 1), "replicas": 2}

SCRIPT = """
import sys
import sdeopt as so

folder, out = sys.argv[1:]
runs = so.sweep(
    so.losses.RuggedWell(), [so.QSGD(k) for k in (0.0, 3.0, 8.0)], noise=so.noise.Uniform(7.0),
    agents=20, replicas=40, steps=4000, step_size=0.04, start=so.start.Uniform(-3, 3), seed=5,
    statistics=["loss"], chunk=100, checkpoint_seconds=0.0, folder=folder or None,
)
so.results.save(runs, out)
"""


@pytest.fixture
def computed(monkeypatch):
    """Return a list that grows by one for every point that is really simulated."""
    simulate, calls = running.engine.simulate, []

    def counted(*arguments, **named):
        calls.append(named["seed"])
        return simulate(*arguments, **named)

    monkeypatch.setattr(running.engine, "simulate", counted)
    return calls


def swept(folder, algorithm=None, **changes):
    arguments = {**RUN, **changes}
    return so.sweep(so.losses.Quadratic(1.0), algorithm or so.SGD(), folder=folder, **arguments)


def files(folder):
    return sorted((folder / "points").glob("*.nc"))


def test_finished_points_are_not_computed_again(tmp_path, computed):
    first = swept(tmp_path)
    second = swept(tmp_path)
    assert len(computed) == 2
    assert second.equals(first)
    assert second.attrs["agent_steps_per_second"] == 0
    assert not list((tmp_path / "points").glob("*.checkpoint"))


def test_a_larger_grid_begins_with_what_is_there(tmp_path, computed):
    swept(tmp_path)
    large = swept(tmp_path, step_size=[0.3, 0.2, 0.1])
    assert len(computed) == 3
    assert large.equals(swept(None, step_size=[0.3, 0.2, 0.1]))


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"same_noise": True}, {"steps": 21}, {"start": so.start.Point(1.0)}]
)
def test_another_configuration_shares_nothing(tmp_path, computed, changes):
    swept(tmp_path)
    swept(tmp_path, **changes)
    assert len(computed) == 4


def test_another_format_shares_nothing(tmp_path, computed, monkeypatch):
    swept(tmp_path)
    monkeypatch.setattr("sdeopt.simulation.run.FORMATS", {"sdeopt": 0})
    swept(tmp_path)
    assert len(computed) == 4


def test_edited_code_shares_nothing(tmp_path, computed):
    def ramp(factor):
        @dataclass(frozen=True)
        class Growing(so.schedules.Schedule):
            over: float

            def __call__(self, times):
                return 0.1 + factor * times / self.over

        return Growing(1000.0)

    swept(tmp_path, step_size=[ramp(1.0), 0.1])
    swept(tmp_path, step_size=[ramp(1.0), 0.1])
    assert len(computed) == 2
    swept(tmp_path, step_size=[ramp(2.0), 0.1])
    assert len(computed) == 3


def test_numbers_in_functions_count():
    def dynamics(gain):
        return so.ArbitraryQuorum(1.0, lambda quorum, mean, t: gain * (mean - quorum))

    described = [dynamics(kind(g)).configuration() for kind in (float, np.int64) for g in (1, 2)]
    assert described[0] != described[1]
    assert described[2] != described[3]


def test_a_damaged_point_is_computed_anew(tmp_path, computed):
    first = swept(tmp_path)
    file = files(tmp_path)[0]
    content = bytearray(file.read_bytes())
    value = first["agents"].values.ravel()
    places = [content.find(number.tobytes()) for number in value]
    content[next(place for place in places if place > 0) + 3] ^= 1
    file.write_bytes(bytes(content))
    files(tmp_path)[1].write_bytes(b"nothing")
    assert swept(tmp_path).equals(first)
    assert len(computed) == 4


def test_a_point_under_a_wrong_name_is_computed_anew(tmp_path, computed):
    first = swept(tmp_path)
    one, other = files(tmp_path)
    one.write_bytes(other.read_bytes())
    assert swept(tmp_path).equals(first)
    assert len(computed) == 3


def test_masked_points_do_not_pass_for_sound_ones(tmp_path, computed):
    run = {"steps": 2000, "step_size": [0.1, 5.0]}
    swept(tmp_path, on_divergence="mask", **run)
    with pytest.raises(DivergenceError, match=r"at step_size = 5\.0"):
        swept(tmp_path, **run)
    swept(tmp_path, on_divergence="mask", **run)
    assert len(computed) == 3


def test_the_listing_says_which_file_is_which(tmp_path):
    swept(tmp_path)
    listing = json.loads((tmp_path / storage.LISTING).read_text())
    assert sorted(listing["points"].values()) == ["step_size = 0.1", "step_size = 0.2"]
    assert all((tmp_path / file).is_file() for file in listing["points"])


def test_an_interrupted_sweep_says_what_is_kept(tmp_path, monkeypatch):
    simulate, calls = running.engine.simulate, []

    def interrupted(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return simulate(*arguments, **named)

    monkeypatch.setattr(running.engine, "simulate", interrupted)
    with pytest.raises(KeyboardInterrupt, match=f"after 1 of 2 points; .* in {tmp_path}"):
        swept(tmp_path)
    calls.clear()
    with pytest.raises(KeyboardInterrupt, match="nothing was kept"):
        swept(None)


def started(script, folder, out):
    command = [sys.executable, script, folder, out]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the script, and what it gives when nothing stops it."""
    folder = tmp_path_factory.mktemp("whole")
    script, out = folder / "sweep.py", folder / "out.nc"
    script.write_text(SCRIPT)
    assert started(script, "", out).wait(timeout=120) == 0
    return script, so.results.load(out)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_inside_a_point_and_continued(whole, tmp_path, how):
    script, uninterrupted = whole
    out, folder = tmp_path / "out.nc", tmp_path / "folder"
    process = started(script, folder, out)
    # in the second point, with a checkpoint written
    while process.poll() is None:
        if len(files(folder)) == 1 and list((folder / "points").glob("*.checkpoint")):
            break
        time.sleep(0.002)
    process.send_signal(how)
    _, errors = process.communicate(timeout=120)
    assert process.returncode not in (0, None)
    assert (b"of 3 points; the same sweep continues" in errors) == (how == signal.SIGINT)
    assert not out.exists()
    assert started(script, folder, out).wait(timeout=120) == 0
    assert so.results.load(out).equals(uninterrupted)
    assert not list((folder / "points").glob("*.checkpoint"))
