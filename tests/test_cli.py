import functools
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import xarray as xr
from typer.testing import CliRunner

from sdeopt.cli import app
from sdeopt.experiment import Claim
from sdeopt.simulation.engine import simulate
from tests.fake_experiment import fake, register

RUN_FILE = """
agents = 3
replicas = 4
steps = 20
step_size = 0.04
loss = {name = "RuggedWell"}
algorithm = {name = "QSGD", coupling = 8.0}
noise = {name = "Uniform", half_width = 7.0}
start = {name = "Uniform", low = -3, high = 3}
"""


@pytest.fixture
def sdeopt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    register(monkeypatch, fake=fake(), bad=ImportError("no [bold]torch[/bold]"))

    def call(*words):
        return CliRunner().invoke(app, words)

    return call


def sentence(result, code=2):
    """Return what was written to the error stream: one line, no traceback."""
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("sdeopt: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_list_shows_what_there_is_and_what_is_broken(sdeopt):
    result = sdeopt("list")
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "fake" in words
    assert "ImportError: no [bold]torch[/bold]" in words


def test_list_fits_into_80_columns(sdeopt, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    register(monkeypatch, a=fake(name="a", title="word " * 40))
    assert max(map(len, sdeopt("list").stdout.splitlines())) <= 80


def test_list_tells_programs_all_that_is_known(sdeopt, monkeypatch):
    register(
        monkeypatch,
        a=fake(name="a", section="Toy losses"),
        lame=fake(name="lame", section="Toy losses", requires=("no_such_module",)),
        bad=ImportError("no torch"),
    )
    a, lame, bad = json.loads(sdeopt("list", "--json").stdout)
    assert (a["name"], a["section"], a["problem"]) == ("a", "Toy losses", None)
    assert a["scales"][:2] == ["quick", "paper"]
    assert "no_such_module" in lame["problem"]
    assert (bad["name"], bad["title"], bad["scales"]) == ("bad", None, [])
    assert "no torch" in bad["problem"]


def test_completion_is_one_command(sdeopt):
    assert "--install-completion" in sdeopt("--help").output


def test_list_gives_the_names_to_scripts(sdeopt, monkeypatch):
    register(
        monkeypatch,
        a=fake(name="a", section="Deep networks"),
        b=fake(name="b", section="Toy losses"),
        c=fake(name="c", section="Toy losses"),
        lame=fake(name="lame", section="Toy losses", requires=("no_such_module",)),
        bad=ImportError("no torch"),
    )
    assert sdeopt("list", "--names").stdout == "b c\na\n"
    assert json.loads(sdeopt("list", "--names", "--json").stdout) == ["b", "c", "a"]


def test_run_writes_and_shows_the_claims(sdeopt, tmp_path):
    result = sdeopt("run", "fake", "--seed", "3", "--set", "size=6", "--set", "level=0.25")
    assert result.exit_code == 0
    assert "2 of 2 claims held" in result.stdout
    assert result.stderr == ""
    run = json.loads((tmp_path / "out/fake/run.json").read_text())
    assert (run["seed"], run["configuration"]["size"]) == (3, 6)


def test_a_failed_claim_is_shown_and_only_strict_minds(sdeopt):
    words = ("run", "fake", "--set", "level=2")
    result = sdeopt(*words)
    assert result.exit_code == 0
    assert "contradicted" in result.stdout
    assert "1 of 2 claims held" in result.stdout
    assert sdeopt(*words, "--strict").exit_code == 1
    assert sdeopt("run", "fake", "--strict", "--replace").exit_code == 0


def test_scale_and_out(sdeopt, tmp_path):
    assert sdeopt("run", "fake", "--scale", "paper", "--out", "deep/er").exit_code == 0
    assert xr.load_dataset(tmp_path / "deep/er/fake/result.nc").sizes["replica"] == 8


def test_run_all_passes_over_the_broken(sdeopt, tmp_path):
    result = sdeopt("run", "all")
    assert result.exit_code == 0
    assert "passing over 'bad': ImportError" in result.stderr
    assert (tmp_path / "out/fake/claims.json").exists()


def test_a_name_given_twice_runs_once(sdeopt):
    assert sdeopt("run", "fake", "fake").stdout.count("claims held") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "fke"), "did you mean 'fake'"),
        (("run", "bad"), "'bad' cannot be used: ImportError"),
        (("run", "fake", "fke"), "did you mean 'fake'"),
        (("run", "fake", "--scale", "quik"), "did you mean 'quick'"),
        (("run", "fake", "--set", "sise=3"), "did you mean 'size'"),
        (("run", "fake", "--set", "size=x"), "must be a whole number"),
        (("run", "fake", "--out", "file/out"), "cannot be written"),
        (("report",), "there are no results"),
        (("simulate", "run.toml"), "cannot be read"),
        (("simulate", "file"), "is not TOML"),
        (("simulate", "."), "cannot be read"),
        (("simulate", ""), "cannot be read"),
        (("bench", "W7"), "no workload 'W7'"),
    ],
)
def test_a_mistake_is_answered_with_one_sentence(sdeopt, tmp_path, words, message):
    (tmp_path / "file").write_text("?")
    assert message in sentence(sdeopt(*words))
    assert os.listdir(tmp_path) == ["file"]


def test_a_full_disk_is_one_sentence(sdeopt, tmp_path, full_disk):
    with full_disk(500):
        result = sdeopt("run", "fake")
    assert "could not be written" in sentence(result)
    assert os.listdir(tmp_path / "out/fake") == []


def test_an_interrupted_run_says_what_became_of_it(sdeopt, monkeypatch, tmp_path):
    def interrupted(configuration):
        raise KeyboardInterrupt

    register(monkeypatch, fake=fake(), fig2=fake(name="fig2", simulate=interrupted))
    told = sentence(sdeopt("run", "fake", "fig2"), code=130)
    assert "fig2 was not finished" in told
    assert (tmp_path / "out/fake/run.json").exists()


def test_report_names_the_page_and_what_it_could_not_read(sdeopt, tmp_path):
    sdeopt("run", "fake")
    result = sdeopt("report")
    assert (result.exit_code, result.stdout) == (0, "out/report.html\n")
    (tmp_path / "out/fake/claims.json").write_text("")
    assert "fake cannot be read" in sentence(sdeopt("report"), code=0)


def test_a_long_claim_of_odd_letters_does_not_stop_a_run(sdeopt, monkeypatch):
    odd = fake(claims=lambda result: [Claim.at_least("λ̄ [/red] " * 40, 1.0, 0.0)])
    register(monkeypatch, fake=odd)
    assert sdeopt("run", "fake").exit_code == 0


def test_simulate_writes_beside_the_caller(sdeopt, tmp_path):
    (tmp_path / "walk.toml").write_text(RUN_FILE)
    result = sdeopt("simulate", "walk.toml")
    assert result.exit_code == 0, result.output
    assert "walk.nc: replica 4 × agent 3 × dim 1" in " ".join(result.stdout.split())
    assert xr.load_dataset(tmp_path / "walk.nc").agents.shape == (4, 3, 1)
    assert sdeopt("simulate", "walk.toml", "--out", "deep/run.zarr").exit_code == 0
    assert (tmp_path / "deep/run.zarr").is_dir()


def test_simulate_prints_one_line(sdeopt, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "walk.toml").write_text(RUN_FILE)
    result = sdeopt("simulate", "walk.toml", "--out", f"{'long' * 20}.nc")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1


def test_simulate_checks_the_ending_first(sdeopt, tmp_path):
    (tmp_path / "walk.toml").write_text(RUN_FILE)
    assert "kept in .nc or .zarr" in sentence(sdeopt("simulate", "walk.toml", "--out", "run.csv"))


def test_version(sdeopt):
    assert sdeopt("--version").stdout.startswith("sdeopt ")


def test_a_folder_of_other_things_is_refused_before_a_simulation(sdeopt, tmp_path, monkeypatch):
    monkeypatch.setattr("sdeopt.simulation.engine.simulate", lambda **_: pytest.fail("it began"))
    (tmp_path / "walk.toml").write_text(RUN_FILE)
    (tmp_path / "run.nc").mkdir()
    words = sentence(sdeopt("simulate", "walk.toml", "--out", "run.nc"))
    assert "run.nc is a folder that holds something else" in words


def test_interrupted_simulation_without_a_checkpoint(sdeopt, tmp_path, monkeypatch):
    @functools.wraps(simulate)
    def interrupted(**arguments):
        raise KeyboardInterrupt

    (tmp_path / "walk.toml").write_text(RUN_FILE)
    monkeypatch.setattr("sdeopt.simulation.engine.simulate", interrupted)
    assert "nothing was saved. With --checkpoint" in sentence(sdeopt("simulate", "walk.toml"), 130)


def test_interrupted_simulation_with_a_checkpoint(tmp_path):
    """A real Ctrl-C: the state is saved, one sentence says where, and nothing else is left."""
    endless = RUN_FILE.replace(
        "steps = 20", "steps = 1_000_000_000\nchunk = 1000\ncheckpoint_seconds = 0"
    )
    (tmp_path / "walk.toml").write_text(endless)
    words = [sys.executable, "-m", "sdeopt", "simulate", "walk.toml", "--checkpoint", "state"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "state").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert told == (
        "sdeopt: interrupted; the state was saved in state: the same command continues from it.\n"
    )
    assert sorted(os.listdir(tmp_path)) == ["state", "walk.toml"]
