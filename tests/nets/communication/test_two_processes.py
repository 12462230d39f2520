"""Real processes, started by torchrun: the bits of one process, and a sentence when one dies."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from nets.communication import Local
from tests.nets.communication import two_processes

ROOT = Path(__file__).parents[3]


RESTARTABLE = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
"""Otherwise torchrun may give restarted processes the addresses of dead ones."""


def start(task, folder, *, torchrun=(), script=(), settings=()):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
               *torchrun, two_processes.__file__, task, str(folder), *script]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment |= dict(settings)
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def start_by_hand(task, folder, *script):
    """Start both processes by hand, and return codes, outputs and errors of both.

    Torchrun is a third process, and ends the second one, often before it can speak.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    group = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    common = os.environ | group | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, two_processes.__file__, task, str(folder), *script]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, env=common | {"RANK": rank, "LOCAL_RANK": rank},
            stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for rank in "01"
    ]  # fmt: skip
    said, errors = zip(*[process.communicate(timeout=300) for process in processes], strict=True)
    return [process.returncode for process in processes], said, errors


def assert_same_bits(found, exact):
    assert found.keys() == exact.keys()
    for name, value in exact.items():
        assert torch.equal(found[name], value), name


def results(folder):
    return [torch.load(folder / f"result-{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory):
    """Return what two processes print, and what each finds, in a run that goes well."""
    folder = tmp_path_factory.mktemp("agreeing")
    outcome = start("agreeing", folder)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout, results(folder)


def test_two_processes_have_the_bits_of_one(agreeing):
    said, ends = agreeing
    exact = two_processes.every_rule(Local(two_processes.AGENTS))
    for end in ends:
        found = end["rules"]
        assert found.keys() == exact.keys()
        for rule in exact:
            assert_same_bits(found[rule], exact[rule])
    assert said.count("the seed of process 1 is not that of process 0") == 2
    # a thread of theirs that outlives the interpreter aborts the process, now and then
    assert said.count("connections closed") == 2


def test_a_killed_process_ends_the_run_in_one_sentence_and_it_resumes(tmp_path):
    codes, _, errors = start_by_hand("resumed", tmp_path, "--killed-at", "12")
    assert codes[0] > 0
    assert codes[1] == -signal.SIGKILL
    assert "process 0 of 2 lost another process of this run" in errors[0]
    assert "start the same command again to continue from the last checkpoint" in errors[0]
    codes, said, errors = start_by_hand("resumed", tmp_path)
    assert codes == [0, 0], errors
    assert all("continued at step 10" in each for each in said)
    assert_undisturbed(tmp_path)


def test_processes_that_train_something_else_are_told_what(agreeing):
    said, ends = agreeing[0].splitlines(), agreeing[1]
    places = {
        "rule": "coupling.coupling.value is 1.0 in process 0 and 2.0 in process 1",
        "seed": "seed is 1 in process 0 and 2 in process 1",
        "order": "order is 1 in process 0 and 2",
        "rate": "learning rate is 0.1 in process 0 and 0.2 in process 1",
        "momentum": "optimizer.options.momentum is 0.0 in process 0 and 0.5",
        "batch": "batch is 8 in process 0 and 4",
        "data": "data.inputs.sha256 is",
        "network": 'ReLU" in process 0 and "torch.nn.modules.activation.Tanh"',
        "criterion": "multi_margin_loss",
        "patience": "drops.patience is 5 in process 0 and 9",
        "every": "measurement.every is 1 in process 0 and 2",
        "checkpoint": "checkpoint is false in process 0 and true",
        "autocast": 'autocast is absent in process 0 and "torch.bfloat16"',
        "micro_batch": "micro_batch is absent in process 0 and 4",
        "clip": "clip is absent in process 0 and 1.0",
        "gain": "coupling.coupling.name is",
        "draws": "coupling.seed is absent in process 0 and 2 in process 1",
    }
    assert places.keys() == two_processes.DIFFERENT.keys()
    for name, words in places.items():
        lines = [line for line in said if line.startswith(f"{name}: ")]
        assert len(lines) == 2, name
        assert lines[0] == lines[1], "one sentence in both processes"
        assert words in lines[0]
    assert sum("epochs: the number of epochs of process 1" in line for line in said) == 2
    assert not (ROOT / "never made").exists()
    # and the same schedules and running statistics, in processes that do agree
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        exact = two_processes.scheduled(Local(two_processes.AGENTS))
    finally:
        torch.set_num_threads(threads)
    assert exact["learning_rate"][-1].unique().tolist() == [0.1 * 0.5**3]
    falling = exact["learning_rate at one rate"]
    assert (falling == falling[:, :1]).all()
    assert len(falling.unique()) > 2
    for end in ends:
        found = end["scheduled"]
        for name, values in exact.items():
            torch.testing.assert_close(found[name], values, rtol=0, atol=0, equal_nan=True)


def assert_undisturbed(folder):
    local = Local(two_processes.AGENTS)
    exact = two_processes.resumed("EASGD", local, folder / "another checkpoint")
    for found in results(folder):
        assert_same_bits(found, exact)


@pytest.mark.slow
def test_torchrun_restarts_a_run_by_itself(tmp_path):
    outcome = start(
        "resumed", tmp_path, torchrun=("--max-restarts", "1"), script=("--killed-at", "12"),
        settings=RESTARTABLE,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count("continued at step 10") == 2
    assert_undisturbed(tmp_path)


def test_processes_on_different_devices_are_refused(tmp_path):
    codes, _, errors = start_by_hand("mixed", tmp_path)
    assert all(codes)
    assert "the kind of device of process 1 is not that of process 0" in "".join(errors)


@pytest.mark.slow
def test_a_process_that_hangs_is_waited_for_no_longer_than_asked(tmp_path):
    outcome = start("hang", tmp_path)
    assert outcome.returncode != 0
    assert "process 0 of 2 waited 3 s in vain for another process of this run" in outcome.stderr
