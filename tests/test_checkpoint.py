"""Checkpoints: exact, whole after a kill at any moment, refused by name where they do not fit."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import CheckpointError, OutputError
from sdeopt.simulation import checkpoint
from sdeopt.simulation.checkpoint import load_checkpoint, save_checkpoint
from sdeopt.simulation.execution import Execution

CONFIGURATION = {
    "agents": 3,
    "loss": {"name": "RuggedWell", "constants": [0.1, -0.6]},
    "step_size": [{"name": "Constant", "value": 0.05}],
    "noise": None,
}


def arrays():
    return {
        "x": np.random.default_rng(0).standard_normal((2, 3, 4)),
        "special": np.array([np.nan, -0.0, np.inf, 5e-324]),
        "steps": np.array([-1, 2**62]),
        "flags": np.array([True, False]),
        "words": np.array([2**64 - 1], np.uint64),
        "empty": np.zeros((0, 4)),
        "scalar": np.array(7),
        "transposed": np.arange(6.0).reshape(2, 3).T,
        "file": np.ones(1),  # a name that numpy.savez keeps for itself
    }


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.checkpoint"


def test_every_bit_comes_back(path):
    save_checkpoint(path, CONFIGURATION, 123, arrays())
    step, back = load_checkpoint(path, CONFIGURATION)
    assert step == 123
    assert back.keys() == arrays().keys()
    for name, array in arrays().items():
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        assert back[name].tobytes() == array.tobytes()
    assert os.listdir(path.parent) == [path.name]


def test_no_file_is_no_checkpoint(path):
    assert load_checkpoint(path, CONFIGURATION) is None


def test_tuples_and_lists_are_the_same_configuration(path):
    save_checkpoint(path, {"at": (1, 2)}, 1, {})
    assert load_checkpoint(path, {"at": [1, 2]}) == (1, {})


def edited(**changes):
    return json.loads(json.dumps(CONFIGURATION)) | changes


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (edited(agents=4), r"agents is 3 there and 4 here"),
        (
            edited(loss={"name": "RuggedWell", "constants": [0.1, -0.4]}),
            r"loss\.constants\[1\] is -0.6 there and -0.4 here",
        ),
        (
            edited(step_size=[{"name": "Constant", "value": 0.1}]),
            r"step_size\[0\]\.value is 0.05 there and 0.1 here",
        ),
        (edited(step_size=[]), r'step_size is \[\{"name": "Constant", "value": 0.05\}\] there and'),
        (edited(noise={"name": "Uniform"}), r'noise is null there and \{"name": "Uniform"\} here'),
        (edited(batch=1), "batch is absent there and 1 here"),
        ({"agents": 3}, "loss is .* there and absent here"),
        (edited(agents=4, seed=1), "agents is 3 there and 4 here, seed is absent there and 1 here"),
    ],
)
def test_another_configuration_is_refused_by_name(path, other, message):
    save_checkpoint(path, CONFIGURATION, 1, {})
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path, other)


def test_many_differences_are_cut_short(path):
    save_checkpoint(path, {f"k{i}": 0 for i in range(9)}, 1, {})
    with pytest.raises(CheckpointError, match=r"k4 is 0 there and 1 here, and 4 more; remove"):
        load_checkpoint(path, {f"k{i}": 1 for i in range(9)})


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_named(path, share):
    save_checkpoint(path, CONFIGURATION, 1, arrays())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(
        CheckpointError, match=r"run\.checkpoint cannot be read as a checkpoint"
    ) as told:
        load_checkpoint(path, CONFIGURATION)
    # nobody is advised to load what may be harmful
    assert "pickle" not in str(told.value)


def test_any_flipped_byte_of_an_array_is_noticed(path):
    values = np.full(4, 1.25)
    save_checkpoint(path, CONFIGURATION, 1, {"x": values})
    content = bytearray(path.read_bytes())
    first = content.index(values.tobytes())
    for place in range(first, first + values.nbytes, 7):
        damaged = content.copy()
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="cannot be read"):
            load_checkpoint(path, CONFIGURATION)


def test_an_exchanged_array_is_noticed_though_its_archive_is_whole(path):
    save_checkpoint(path, CONFIGURATION, 1, {"x": np.ones(3)})
    with np.load(path) as file:
        members = dict(file)
    members["array.x"] = np.zeros(3)
    with path.open("wb") as file:
        np.savez(file, **members)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_checkpoint(path, CONFIGURATION)


def test_something_else_is_no_checkpoint(path):
    for content in (b"", b"text", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="cannot be read"):
            load_checkpoint(path, CONFIGURATION)


def test_a_folder_is_no_checkpoint_and_is_not_to_be_removed(path):
    path.mkdir()
    with pytest.raises(CheckpointError, match=r"is a folder; give the name of a file") as caught:
        load_checkpoint(path, CONFIGURATION)
    assert "remove" not in str(caught.value)


def test_another_format_is_refused(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FORMAT", 99)
    save_checkpoint(path, CONFIGURATION, 1, {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="has format 99"):
        load_checkpoint(path, CONFIGURATION)


def test_a_pickled_object_is_never_written(path):
    with pytest.raises((TypeError, ValueError)):
        save_checkpoint(path, CONFIGURATION, 1, {"x": np.array([object()])})
    assert os.listdir(path.parent) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match="could not write"):
        save_checkpoint(tmp_path / "absent" / "run.checkpoint", {}, 1, {})


@pytest.mark.parametrize("place", ["absent/run", "file/run", "folder", "x" * 300])
def test_a_run_whose_checkpoint_cannot_be_written_does_not_begin(tmp_path, monkeypatch, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    begun = []
    monkeypatch.setattr(Execution, "advance", lambda *_: begun.append(True))
    with pytest.raises((OutputError, CheckpointError), match=r"the checkpoint .* (cannot be|is a)"):
        so.simulate(
            so.losses.Quadratic(1.0),
            so.SGD(),
            steps=3,
            step_size=0.1,
            start=so.start.Point(1.0),
            checkpoint=tmp_path / place,
        )
    assert not begun
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_disk_that_fills_up_leaves_the_checkpoint_before(path, full_disk):
    save_checkpoint(path, CONFIGURATION, 1, {"x": np.zeros(3)})
    with full_disk(200_000), pytest.raises(OutputError, match="could not write"):
        save_checkpoint(path, CONFIGURATION, 2, {"x": np.zeros(100_000)})
    assert load_checkpoint(path, CONFIGURATION)[0] == 1
    assert os.listdir(path.parent) == [path.name]


WRITER = """
import sys
import numpy as np
from sdeopt.simulation.checkpoint import save_checkpoint
print("ready", flush=True)
step = int(sys.argv[2])
while True:
    step += 1
    save_checkpoint(sys.argv[1], {"agents": 3}, step, {"x": np.full(200_000, float(step))})
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(path):
    moments = random.Random(5)
    last = 0
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(last)], stdout=subprocess.PIPE
        )
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0.05, 0.2))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        loaded = load_checkpoint(path, {"agents": 3})
        if loaded is not None:
            step, kept = loaded
            assert step >= last
            np.testing.assert_array_equal(kept["x"], np.full(200_000, float(step)))
            last = step
    assert last > 0
