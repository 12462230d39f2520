"""``python -m nets.training``, in one process and under torchrun."""

import os
import signal
import subprocess
import sys
import time

import pytest

torch = pytest.importorskip("torch")

from nets.training import Trainer, command
from sdeopt import results

SIZE = {"agents": 4, "epochs": 3, "batch": 400, "rule": "EASGD", "coupling": 5.0}
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def options(**changed):
    """Return the options of a short training on the command line."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in (SIZE | changed).items()]


def environment():
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return what one process finds, with as many threads as torchrun gives to its processes."""
    out = tmp_path_factory.mktemp("alone") / "run.nc"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        command.train(**SIZE, way="loop", device="cpu", out=out)
    finally:
        torch.set_num_threads(threads)
    return results.load(out)


def mistaken(arguments, capsys, monkeypatch):
    """Return what the command says of arguments that it refuses."""
    monkeypatch.setattr(sys, "argv", ["nets.training", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_says_what_the_quorum_is_worth(alone, capsys):
    command.train(**SIZE | {"epochs": 1}, way="loop", device="cpu")
    assert "after 1 epochs the quorum variable gets" in capsys.readouterr().out
    assert alone["quorum_accuracy"].sel(part="test")[-1] > 0.5


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rule": "EASG"}, "did you mean 'EASGD'"),
        ({"coupling": 50}, "lower the coupling"),
        ({"data": "digit"}, "did you mean 'digits'"),
        ({"data": "cifar10"}, "SDEOPT_DATA"),
        ({"precision": "bfloat61"}, "did you mean 'bfloat16'"),
        ({"network": "perceptrom"}, "did you mean 'perceptron'"),
        ({"way": "both"}, "there is no way 'both'"),
        ({"batch": 100_000}, "choose a smaller batch"),
        ({"micro_batch": 0}, "micro_batch is 0"),
        ({"clip": -1}, "clip is -1"),
        ({"device": "cudda"}, "device is 'cudda'"),
        ({"running_statistics": "kept"}, "did you mean 'keep'"),
        ({"participation": 2}, "is a probability, at most 1"),
        ({"rule": "SD-QSGD", "delay": 2}, "setting of the rule 'SD-QSGD' called 'delay'"),
    ],
    ids=str,
)
def test_mistakes_get_one_sentence(changed, words, capsys, monkeypatch):
    monkeypatch.delenv("SDEOPT_DATA", raising=False)
    said = mistaken(options(**changed), capsys, monkeypatch)
    assert said.startswith("nets: ")
    assert said.count("\n") == 1
    assert words in said


def test_a_place_that_cannot_be_written_is_found_before_the_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Trainer, "run", lambda *_: pytest.fail("it trained first"))
    (tmp_path / "file").touch()
    for out, said in (("run.foo", ".nc or .zarr"), ("file/run.nc", "another with --out")):
        assert said in mistaken(options(out=tmp_path / out), capsys, monkeypatch)


def test_passes_may_be_in_fewer_bits_and_in_parts(alone, tmp_path):
    """Two epochs to 8 bits as in float32; the gradients are too short to be clipped at 100."""
    out = tmp_path / "run.nc"
    cheaper = {"precision": "bfloat16", "channels_last": True, "micro_batch": 150, "clip": 100.0}
    command.train(**SIZE | {"epochs": 2}, **cheaper, way="loop", device="cpu", out=out)
    found, exact = results.load(out), alone.isel(epoch=slice(0, 3))
    assert not found["quorum_loss"].equals(exact["quorum_loss"])
    assert found["quorum_loss"].values == pytest.approx(exact["quorum_loss"].values, rel=0.01)


@pytest.mark.parametrize(
    "asked", [{"participation": 0.5}, {"delay": [2]}, {"period": 4, "staggered": True}], ids=str
)
def test_agents_may_pause_and_be_late(asked, alone, tmp_path):
    out = tmp_path / "run.nc"
    command.train(**SIZE, **asked, way="loop", device="cpu", out=out)
    assert not results.load(out)["quorum_loss"].equals(alone["quorum_loss"])


def test_images_pixel_by_pixel_are_for_the_loop(capsys, monkeypatch):
    said = mistaken([*options(way="batched"), "--channels-last"], capsys, monkeypatch)
    assert "make the ensemble with way='loop'" in said


def test_two_processes_have_the_bits_of_one(alone, tmp_path):
    out = tmp_path / "run.nc"
    arguments = options(way="loop", device="cpu", out=out, checkpoint=tmp_path / "state")
    ended = subprocess.run(
        [*TORCHRUN, "-m", "nets.training", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("the quorum variable gets") == 1
    found = results.load(out)
    assert found.drop_attrs().identical(alone.drop_attrs())


@pytest.mark.slow
def test_a_killed_process_ends_the_run_and_the_run_resumes(alone, tmp_path):
    out, state = tmp_path / "run.nc", tmp_path / "state"
    arguments = options(way="loop", device="cpu", out=out, checkpoint=state)
    whole = [*TORCHRUN, "-m", "nets.training", *arguments]
    # the last of an option counts: far more epochs than it will live
    longer = [*whole, "--epochs=100000"]
    running = subprocess.Popen(longer, env=environment(), stderr=subprocess.PIPE, text=True)
    pointer = state / "latest"
    while not pointer.exists() and running.poll() is None:
        time.sleep(0.02)
    workers = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(running.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    os.kill(int(workers[-1]), signal.SIGKILL)
    _, said = running.communicate(timeout=120)
    assert running.returncode != 0
    assert "lost another process" in said
    again = subprocess.run(whole, env=environment(), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert results.load(out)["quorum_loss"].shape[0] >= alone["quorum_loss"].shape[0]
    shared = results.load(out).isel(epoch=slice(0, 4))
    assert shared.drop_attrs().identical(alone.drop_attrs())
