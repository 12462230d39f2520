"""The bar: on a terminal only, with speeds and time left."""

import os
import pty
import subprocess
import sys

import pytest

from sdeopt.simulation.progress import COMPILING, Reporter, _speed
from sdeopt.sweeps.sweeping import PointCounter

SCRIPT = """
import time
from sdeopt.simulation.progress import Reporter
with Reporter("QSGD on a well", steps=100, agents=50, progress={progress}) as reporter:
    reporter.compiling()
    for _ in range(10):
        time.sleep(0.02)
        reporter.advance(500)
"""


def on_a_terminal(progress: str) -> str:
    """Run the script with a pseudo-terminal as its standard error stream."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(progress=progress)],
        stderr=follower,
        stdout=subprocess.PIPE,
        env=environment,
    )
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(leader)
    printed, _ = process.communicate()
    assert process.returncode == 0
    assert printed == b""
    return seen.decode()


def in_a_pipe(progress: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(progress=progress)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == ""
    return finished.stderr


def test_a_terminal_shows_the_compiler_the_bar_the_speeds_and_the_end():
    seen = on_a_terminal("None")
    for part in (COMPILING, "QSGD on a well", "100%", "steps/s", "agent-steps/s"):
        assert part in seen


def test_a_pipe_stays_silent_unless_asked():
    assert in_a_pipe("None") == ""
    assert "QSGD on a well" in in_a_pipe("True")


def test_false_is_silent_on_a_terminal():
    assert on_a_terminal("False") == ""


def interrupted():
    with Reporter("run", steps=10, agents=1, progress=True) as reporter:
        reporter.advance(1)
        raise KeyboardInterrupt


def test_an_interruption_goes_through_and_leaves_the_terminal_usable(capfd):
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capfd.readouterr().err.rstrip().endswith("\x1b[?25h")  # the cursor is shown again


def test_a_resumed_run_starts_where_it_stopped(capfd):
    with Reporter("run", steps=10, agents=2, progress=True, done=10):
        pass
    assert "50%" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (None, "– steps/s"),
        (0.0, "– steps/s"),
        (152e6, "1.52 M steps/s, 152 M agent-steps/s"),
        (95_000.0, "950 steps/s, 95 k agent-steps/s"),
        (50.0, "0.5 steps/s, 50 agent-steps/s"),
        (2.5e9, "25 M steps/s, 2.5 G agent-steps/s"),
    ],
)
def test_speeds_are_read_at_a_glance(rate, words):
    assert _speed(rate, 100) == words


def test_a_sweep_counts_its_points():
    with PointCounter(points=3, work=3000, progress=False) as counter:
        counter.found(1, 1000)
        counter.finished(1000)
    assert counter.done == 2
