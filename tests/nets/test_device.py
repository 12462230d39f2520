"""What a lent GPU does in some minutes, tried on the processor with seconds and a tiny network."""

import json

import pytest
import typer
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from nets.figures import device
from nets.figures.fig9 import experiment
from nets.figures.single_agents import every_setting
from nets.figures.store import Store
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.context import RunContext, running
from sdeopt.experiments.overrides import overridden

TINY = (
    "device=cpu", "data=digits", "held_out=0.5", "network=perceptron", "widths=4", "train=64",
    "batch=16", "runs=2", "every=2", "agents=1,2", "rates=0.1", "momenta=0.9", "epochs=2",
)  # fmt: skip


def options(settings):
    return [word for setting in settings for word in ("--set", setting)]


def run(minutes, folder, settings=TINY):
    app = typer.Typer()
    app.command()(device.main)
    words = ["--minutes", str(minutes), "--out", str(folder), *options(settings)]
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output + repr(done.exception)
    return done.stdout, json.loads((folder / "device.json").read_text())


def test_all_is_trained_once_where_there_is_time(tmp_path):
    said, report = run(1, tmp_path)
    wanted = device.configurations(TINY)
    assert report["jobs"] == len(device.jobs_of(wanted)) == report["finished"]
    assert (report["found"], report["cut"]) == (0, "")
    assert len(list(Store(tmp_path).folder.glob("*.nc"))) == report["jobs"]
    steps = sum(job.plan.agents for job in device.jobs_of(wanted)) * 2 * 4 * 16
    assert report["images"] == steps
    assert "sdeopt run fig9 --scale paper --set kept=true" in said
    _, again = run(1, tmp_path)
    assert (again["finished"], again["found"], again["images"]) == (0, report["jobs"], 0)
    # the experiment itself finds them
    configuration = overridden(
        experiment.configuration("paper"),
        [each for each in (*device.CHANGED, *TINY) if not each.startswith(("rates", "momenta"))],
    )
    with running(RunContext(tmp_path)):
        result = experiment.simulate(configuration)
    names = {path.stem for path in Store(tmp_path).folder.glob("*.nc")}
    assert {*result["training"].values.ravel()} <= names


def test_it_is_cut_when_the_time_is_up_and_goes_on(tmp_path):
    long = [*TINY[:-1], "epochs=100000"]
    _, first = run(0.05, tmp_path, long)
    assert first["finished"] == 0
    assert 0 < first["seconds"] < 30
    assert "EASGD" in first["cut"] or "QSGD" in first["cut"]
    reached = int(first["cut"].split("after ")[1].split()[0])
    _, second = run(0.05, tmp_path, long)
    assert int(second["cut"].split("after ")[1].split()[0]) > reached
    assert len(list(Store(tmp_path).folder.iterdir())) == 1


def test_cheap_trainings_of_all_cells_come_first():
    jobs = device.jobs_of(device.configurations(TINY))
    order = [(job.run, job.plan.agents) for job in jobs]
    assert order == sorted(order)
    assert {job.run for job in jobs} == {0, 1}
    paper = device.configurations()
    assert len(every_setting(paper["table1"])) == 4 * (6 + 6 + 1)
    assert paper["fig9"].bfloat16
    assert paper["table1"].kept


def test_a_setting_of_neither_is_refused():
    with pytest.raises(InvalidArgumentError, match="neither fig9 nor table1 has 'agent'"):
        device.configurations(["agent=3"])
