"""`sdeopt run --workers`: experiments of a stranger's package, in processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from sdeopt.commands.running import ExperimentCounter
from sdeopt.commands.side_by_side import Task, Worker, next_task
from tests.fake_experiment import FAKE, fake

STRANGER = """
import os
import sys
import time
import warnings
from pathlib import Path

from sdeopt.errors import OutputError
from tests.fake_experiment import FakeConfiguration, fake, simulate


def talks(configuration):
    print("to the output")
    warnings.warn("to the errors")
    return simulate(configuration)


def breaks(configuration):
    raise ZeroDivisionError("division by zero")


def dies(configuration):
    os._exit(9)


def waits(configuration):
    Path("waiting").write_text(str(os.getpid()))
    time.sleep(300)


def finds_no_room(configuration):
    raise OutputError("could not write: no space; free some.")


good, talkative = fake(name="good"), fake(name="talkative", simulate=talks)
broken, deadly = fake(name="broken", simulate=breaks), fake(name="deadly", simulate=dies)
patient, homeless = fake(name="patient", simulate=waits), fake(name="homeless", simulate=finds_no_room)
unfit = FakeConfiguration(label=lambda: 0)
rigid = fake(name="rigid", scales={"quick": unfit, "paper": unfit})
"""
NAMES = ("good", "talkative", "broken", "deadly", "patient", "homeless", "rigid")
ROOT = Path(__file__).parent.parent


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Install the package in the way that Python finds packages, and return the command."""
    installed = tmp_path / "installed"
    known = installed / "stranger-1.0.dist-info"
    known.mkdir(parents=True)
    (installed / "stranger.py").write_text(STRANGER)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    points = "".join(f"{name} = stranger:{name}\n" for name in NAMES)
    (known / "entry_points.txt").write_text(f"[sdeopt.experiments]\n{points}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), str(ROOT)]))
    monkeypatch.chdir(tmp_path)
    return [sys.executable, "-m", "sdeopt", "run", "--workers", "2"]


def sdeopt(command, *words):
    return subprocess.run([*command, *words], capture_output=True, text=True, timeout=200)


def test_they_write_what_they_write_one_by_one(command, tmp_path):
    done = sdeopt(command, "good", "talkative", "--seed", "3", "--out", "beside")
    assert (done.returncode, done.stderr.count("UserWarning: to the errors")) == (0, 1)
    assert "to the output" in done.stdout.splitlines()
    assert {line.partition(":")[0] for line in done.stdout.splitlines() if "held" in line} == {
        "good", "talkative",
    }  # fmt: skip
    sdeopt([*command, "--workers", "1"], "good", "--seed", "3", "--out", "alone")
    claims = [(tmp_path / out / "good/claims.json").read_text() for out in ("beside", "alone")]
    assert claims[0] == claims[1]


def test_one_that_breaks_does_not_stop_the_others(command, tmp_path):
    done = sdeopt(command, "broken", "good")
    assert done.returncode == 1
    assert (
        "broken did not finish: ZeroDivisionError: division by zero; the traceback" in done.stderr
    )
    record = json.loads((tmp_path / "out/broken/failure.json").read_text())
    assert record["traceback"][-1] == "ZeroDivisionError: division by zero"
    assert (tmp_path / "out/good/claims.json").exists()


def test_settings_that_do_not_pickle_are_a_failure(command, tmp_path):
    done = sdeopt(command, "rigid", "good")
    assert done.returncode == 1
    assert "rigid did not finish: " in done.stderr
    assert "pickle" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out/good/claims.json").exists()


def test_a_process_that_dies_takes_no_other_experiment_along(command, tmp_path):
    done = sdeopt(command, "deadly", "good", "talkative")
    assert done.returncode == 1
    assert "deadly did not finish: ChildProcessError: its process died; if" in done.stderr
    assert "Traceback" not in done.stderr
    for name in ("good", "talkative"):
        assert (tmp_path / f"out/{name}/claims.json").exists()


def test_the_processes_import_nothing_from_the_current_folder(command, tmp_path):
    for name in ("math", "random", "sympy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    done = sdeopt(command, "good", "talkative")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "good" / "result.nc").exists()


def orders(sections, workers):
    """Return what each of some workers is given, when all take equally long for everything."""
    waiting = sorted(
        (
            deque(
                Task(fake(name=name), FAKE.configuration("quick"), "quick", Path())
                for name in names
            )
            for names in sections
        ),
        key=len,
    )
    begun, given = [], [[] for _ in range(workers)]
    processes = [Worker() for _ in range(workers)]
    for turn in range(sum(map(len, sections))):
        task = next_task(processes[turn % workers], waiting, begun)
        given[turn % workers].append(task.experiment.name)
    assert next_task(Worker(), waiting, begun) is None
    return given


def test_a_process_keeps_to_its_section_and_then_takes_from_the_longest():
    sections = ("ab", "cdefg", "h")
    assert orders(sections, 2) == [["c", "d", "e", "f"], ["a", "b", "h", "g"]]
    assert orders(sections, 1) == [["c", "d", "e", "f", "g", "a", "b", "h"]]
    assert orders(("abcd",), 2) == [["a", "b"], ["d", "c"]]


def ended(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{process_id}/stat").read_text().split()[2] == "Z"


def wait_for(condition):
    deadline = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_trouble_with_the_folder_stops_all(command, tmp_path):
    done = sdeopt(command, "patient", "homeless")
    assert (done.returncode, done.stderr) == (
        2, "sdeopt: could not write: no space; free some.\n"
    )  # fmt: skip
    if (tmp_path / "waiting").exists():
        wait_for(lambda: ended(int((tmp_path / "waiting").read_text())))


def test_an_interruption_ends_all(command, tmp_path):
    process = subprocess.Popen(
        [*command, "patient", "good"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: (tmp_path / "waiting").exists() and (tmp_path / "waiting").read_text())
    wait_for((tmp_path / "out/good/claims.json").exists)
    os.killpg(process.pid, signal.SIGINT)
    complaint = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert complaint.splitlines() == [
        "sdeopt: interrupted; files of experiments that were not finished are as they were; "
        "what finished before is in out."
    ]
    wait_for(lambda: ended(int((tmp_path / "waiting").read_text())))
    assert not (tmp_path / "out/patient/claims.json").exists()


def test_the_bar_counts_and_steps_aside(capsys):
    with ExperimentCounter(3, 2, progress=True) as counter:
        for name in ("one", "two"):
            with counter.one_more():
                print(name)
    printed, shown = capsys.readouterr()
    assert printed.splitlines() == ["one", "two"]
    assert "2 side by side" in shown
    assert "2/3" in shown


def test_no_bar_in_a_pipe(capsys):
    with ExperimentCounter(3, 2) as counter, counter.one_more():
        pass
    assert capsys.readouterr().err == ""
