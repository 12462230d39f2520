import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import sdeopt as so
from sdeopt.cli import app

FILE = """
agents = 20
replicas = 40
steps = 2000
step_size = 0.04
loss = {name = "RuggedWell"}
algorithm = {name = "QSGD"}
noise = {name = "Uniform", half_width = 7.0}
start = {name = "Uniform", low = -3, high = 3}

[sweep]
algorithm.coupling = [0, 3, 8]
"""


@pytest.fixture
def sdeopt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(FILE)

    def call(*words):
        return CliRunner().invoke(app, ["sweep", "grid.toml", *words])

    return call


def test_the_result_and_the_points_are_in_one_folder(sdeopt, tmp_path):
    first = sdeopt("--set", "steps=20", "--set", "agents=2")
    assert first.exit_code == 0, first.output
    assert "grid/result.nc: coupling 3 × replica 40 × agent 2 × dim 1" in first.stdout
    assert "agent-steps per second" in first.stdout
    assert first.stderr == ""
    runs = so.results.load(tmp_path / "grid/result.nc")
    assert runs["mean"].dims == ("coupling", "replica", "dim")
    assert len(list((tmp_path / "grid/points").iterdir())) == 3
    assert "all points were there" in sdeopt("--set", "steps=20", "--set", "agents=2").stdout


@pytest.fixture
def dashboard_taken():
    """Another cluster on this machine has the port of the dashboard; the warning is an error here."""
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # taken already
            other.bind(("", 8787))
            other.listen()
        yield


def test_workers_give_the_same(sdeopt, tmp_path, dashboard_taken):
    words = ("--set", "steps=20", "--set", "agents=2")
    assert sdeopt(*words).exit_code == 0
    result = sdeopt(*words, "--out", "other", "--workers", "1")
    assert result.exit_code == 0, result.output
    here, there = (so.results.load(tmp_path / name / "result.nc") for name in ("grid", "other"))
    assert there.equals(here)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "step_size=-1"), "at coupling = 0: step_size is -1"),
        (("--set", "stepz=1"), "did you mean 'steps'"),
        (("--workers", "1", "--scheduler", "tcp://localhost:1"), "give one of them"),
        (("--scheduler", "nowhere://"), "there is no Dask scheduler at nowhere://"),
    ],
)
def test_mistakes_are_one_sentence(sdeopt, words, message):
    result = sdeopt(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("sdeopt: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


def test_ctrl_c_says_how_to_go_on(tmp_path):
    (tmp_path / "grid.toml").write_text(FILE)
    command = [sys.executable, "-m", "sdeopt", "sweep", "grid.toml", "--set", "steps=20_000_000"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=os.environ)
    while not (tmp_path / "grid/points.json").exists():
        time.sleep(0.01)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.decode() == (
        "sdeopt: interrupted after 0 of 3 points; the same sweep continues from what is kept "
        "in grid.\n"
    )
