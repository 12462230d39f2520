"""Trainings that are kept: named by what decides them, resumed to the same bits, shared."""

import dataclasses
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

torch = pytest.importorskip("torch")

from nets.figures import packing, trained
from nets.figures.comparison import trainings
from nets.figures.origin import how_computed
from nets.figures.packing import pack, unpacked
from nets.figures.parallel import TrainingCounter
from nets.figures.store import Job, Store, compact, digest_of_job, shipped_trainings
from nets.figures.task import Plan, Task
from nets.identity import digest_of
from sdeopt import results
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiments.context import RunContext, run_context, running

TASK = Task(
    runs=2, epochs=3, batch=16, learning_rate=0.05, data="digits", held_out=0.5, train=48,
    network="perceptron", widths=(4,), way="loop", kept=True,
)  # fmt: skip
PLANS = [Plan(method="EASGD", agents=2, coupling=1.0), Plan(method="QSGD", epochs=1)]
JOB = Job(TASK, PLANS[0], 0)


def in_folder(folder, plans=PLANS, task=TASK, workers=1):
    with running(RunContext(folder, workers)):
        return trainings(task, plans)


def no_note(epoch):
    """Take no notice of an epoch."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a folder in which all was trained without a break, and the result."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, in_folder(folder)


def test_what_is_kept_is_small_and_whole(whole):
    folder, result = whole
    kept = sorted((folder / "trainings").iterdir())
    assert [path.suffix for path in kept] == [".nc"] * 4
    assert max(path.stat().st_size for path in kept) < 50_000
    assert result["training"].dims == ("plan", "run")
    assert sorted(path.stem for path in kept) == sorted(result["training"].values.ravel())
    assert np.isnan(result["quorum_loss"].isel(plan=1, epoch=-1)).all()
    assert result["plan_epochs"].values.tolist() == [3, 1]


def test_numbers_lose_no_more_than_their_last_digits(whole):
    exact = trained.trained(dataclasses.replace(TASK, kept=False), PLANS[0], 0)
    kept = whole[1].isel(plan=0, run=0)
    for name in ("quorum_loss", "synchronization"):
        np.testing.assert_allclose(kept[name], exact[name], rtol=2.0**-16)
    assert compact(exact).equals(compact(compact(exact)))


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_killed_at_any_epoch_it_ends_with_the_same_bits(whole, tmp_path, moment):
    class KilledError(Exception):
        pass

    def kill(epoch):
        if epoch == moment:
            raise KilledError

    with running(RunContext(tmp_path)):
        with pytest.raises(KilledError):
            trained.obtained(JOB, kill)
        assert not list((tmp_path / "trainings").glob("*.nc"))
        seen = []
        resumed = trained.obtained(JOB, seen.append)
    # what the killed epoch had measured was not written yet, nor is the start alone
    assert seen[0] == (0, 0, 2)[moment]
    expected = results.load(Store(whole[0]).path(digest_of_job(JOB, digest())))
    assert resumed.equals(expected)
    assert [path.suffix for path in (tmp_path / "trainings").iterdir()] == [".nc"]


def digest():
    return trained.data_digest(TASK)


def test_what_is_there_is_not_trained_again(whole, monkeypatch):
    monkeypatch.setattr(trained, "_trained", None)
    xr.testing.assert_equal(in_folder(whole[0]), whole[1])
    # another experiment, of fewer runs, with other looks
    other = dataclasses.replace(TASK, runs=2, looks=(2, 4))
    assert in_folder(whole[0], PLANS[1:], other).attrs["looks"] == [2, 4]


def test_finished_histories_come_with_the_source_code(whole, tmp_path, monkeypatch):
    folder, result = whole
    (tmp_path / "docs" / "some").mkdir(parents=True)
    results.save(result, tmp_path / "docs" / "some" / "result.nc", compress=True)
    store = Store(tmp_path / "out", tmp_path / "docs")
    for run in range(2):
        for plan in PLANS:
            name = digest_of_job(Job(TASK, plan, run), digest())
            found, kept = store.read(name, plan.epochs or 3), Store(folder).read(name, 3)
            xr.testing.assert_equal(found, kept)
            # a result that is made of another's trainings knows what they cost
            for measured in ("images_per_second", "processor"):
                assert found.attrs[measured] == pytest.approx(kept.attrs[measured], abs=0.5)
    assert store.read("unknown", 3) is None
    assert len(shipped_trainings(tmp_path / "docs")) == 4


def test_trainings_of_an_unfinished_experiment_come_with_the_source_code(whole, tmp_path):
    """As they were written, with what is known of them; once more, and they are there once."""
    folder, result = whole
    for _ in range(2):
        assert pack(folder, tmp_path) == 4
    # those of a length side by side, so that none is filled up
    files = {path.name: path for path in (tmp_path / "trainings").iterdir()}
    assert [len(unpacked(results.load(files[name]))) for name in sorted(files)] == [2, 2]
    assert all(path.stat().st_size < 100_000 for path in files.values())
    store = Store(tmp_path / "out", tmp_path)
    for kept in (folder / "trainings").glob("*.nc"):
        known = results.load(kept)
        found = store.read(kept.stem, known.sizes["epoch"] - 1)
        xr.testing.assert_identical(found, known)
        assert digest_of(json.loads(found.attrs["identity"]))[:20] == kept.stem
    # what is in the result of an experiment is not kept again
    (tmp_path / "some").mkdir()
    results.save(result.isel(run=[0]), tmp_path / "some" / "result.nc")
    shipped_trainings.cache_clear()
    assert pack(folder, tmp_path) == 2
    (tmp_path / "other").mkdir()
    results.save(result.isel(run=[1]), tmp_path / "other" / "result.nc")
    shipped_trainings.cache_clear()
    assert pack(folder, tmp_path) == 0
    assert not list((tmp_path / "trainings").iterdir())


def test_more_than_a_repository_should_hold_is_refused(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MOST", 1_000)
    with pytest.raises(OutputError, match="more than the 1,000 that are kept"):
        pack(whole[0], tmp_path)
    assert not list((tmp_path / "trainings").iterdir())


def test_a_state_that_cannot_be_used_is_made_anew(whole, tmp_path, capsys):
    store = Store(tmp_path)
    name = digest_of_job(JOB, digest())
    store.checkpoint(name).mkdir(parents=True)
    (store.checkpoint(name) / "latest").write_bytes(b"nonsense")
    with running(RunContext(tmp_path)):
        assert trained.obtained(JOB, no_note).equals(
            whole[1].attrs and Store(whole[0]).read(name, 3)
        )
    assert "begins anew" in capsys.readouterr().err


@pytest.mark.parametrize(
    "job",
    [
        Job(TASK, PLANS[0], 1),
        Job(TASK, dataclasses.replace(PLANS[0], coupling=0.5), 0),
        Job(TASK, dataclasses.replace(PLANS[0], momentum=0.5), 0),
        Job(TASK, dataclasses.replace(PLANS[0], together=True), 0),
        Job(dataclasses.replace(TASK, threshold=0.02), PLANS[0], 0),
        Job(dataclasses.replace(TASK, epochs=4), PLANS[0], 0),
        Job(dataclasses.replace(TASK, seed=2), PLANS[0], 0),
    ],
)
def test_another_training_has_another_name(job):
    assert digest_of_job(job, "data") != digest_of_job(JOB, "data")
    assert digest_of_job(JOB, "other data") != digest_of_job(JOB, "data")


def test_the_names_of_kept_trainings_do_not_change():
    """Trainings of hours are found by these names; a change of any discards them."""
    assert digest()[:12] == "3e9af0e9b5de"
    assert digest_of_job(JOB, "data") == "2ffab8f65fdf2345104f"
    desk = importlib.import_module("nets.figures.fig9").experiment.configuration("desk")
    of_images = "ef75eadc8390e1eb83b7a2049d5846c690f52d43b119a8933f6c7ca60488f065"
    first = Job(desk.task(), Plan(method="QSGD", coupling=0.4), 0)
    assert digest_of_job(first, of_images) == "2eff77cbee8281c3ef02"


def test_one_training_has_one_name():
    name = digest_of_job(JOB, "data")
    own = dataclasses.replace(PLANS[0], learning_rate=0.05, momentum=0.9, epochs=3)
    more = dataclasses.replace(TASK, runs=9, looks=(9,))
    for job in (Job(TASK, own, 0), Job(more, PLANS[0], 0)):
        assert digest_of_job(job, "data") == name
    assert Job(dataclasses.replace(TASK, seed=7), PLANS[0], 3).seed == 7_003


def test_the_plan_has_only_so_many_looks():
    with pytest.raises(InvalidArgumentError, match=r"looks at 4, 8, 12 runs .* looks=\(\)"):
        dataclasses.replace(TASK, runs=5, looks=(4, 8, 12))


def test_outside_a_run_nothing_is_kept(whole, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_context() == RunContext()
    xr.testing.assert_equal(trainings(TASK, PLANS), whole[1])
    assert not list(tmp_path.iterdir())


def test_how_far_it_is():
    jobs = [JOB, Job(TASK, PLANS[1], 0)]
    counter = TrainingCounter(jobs, [96, 48], 1)
    counter._began -= 2
    counter.note(0, 0)
    counter.note(0, 2)
    assert round(counter.rate) in range(85, 97)
    assert counter.words().startswith("0 of 2 trainings done, ")
    counter.end(0)
    # the second one was there before
    counter.end(1)
    assert counter.words() == f"2 of 2 trainings done, {counter.rate:,.0f} images/s"


def slow(job, note):
    """Stand for a training: the first is done at once, the others say where they are and take long."""
    note(0)
    if job.run:
        Path(os.environ["MARKERS"], str(job.run)).write_text(str(os.getpid()))
        time.sleep(600)
    return xr.Dataset()


PROGRAM = """
from pathlib import Path
from sdeopt.experiments.context import RunContext, running
from nets.figures.packing import pack
from nets.figures.parallel import train_all
from tests.nets.test_store import JOB, slow

if __name__ == "__main__":
    jobs = [JOB._replace(run=run) for run in range(3)]
    with running(RunContext(Path("here"), 2)):
        try:
            train_all(slow, jobs, [1] * 3)
        except KeyboardInterrupt as interruption:
            print(interruption)
"""


def test_side_by_side_and_interrupted(tmp_path):
    """Two at a time; Ctrl-C ends the processes at once and says how to go on."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "MARKERS": str(tmp_path)}
    run = subprocess.Popen(
        [sys.executable, program], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    )
    markers = [tmp_path / "1", tmp_path / "2"]
    try:
        until(lambda: all(marker.exists() and marker.read_text() for marker in markers))
        run.send_signal(signal.SIGINT)
        words, _ = run.communicate(timeout=600)
    finally:
        run.kill()
    assert "1 of 3 trainings were finished and are kept in here; the same command goes on" in words
    processes = [int(marker.read_text()) for marker in markers]
    until(lambda: not any(map(alive, processes)))


def until(true):
    """Wait for something that should happen soon, on a machine that may be busy."""
    for _ in range(6_000):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen within ten minutes")


def alive(process):
    """Return whether there is such a process that has not ended."""
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_processes_give_the_bits_of_one(whole, tmp_path):
    xr.testing.assert_equal(in_folder(tmp_path, workers=2), whole[1])


def test_the_desk_scale_shares_its_cells():
    """Cells that experiments have in common are one training, by name."""
    wanted = {}
    for name in ("fig7", "fig8", "fig9", "fig10", "fig11", "fig12", "table1"):
        desk = importlib.import_module(f"nets.figures.{name}").experiment.configuration("desk")
        assert (desk.kept, desk.looks, desk.runs) == (True, (4, 8, 12), 4)
        wanted[name] = desk
    assert len({repr(desk.task()) for desk in wanted.values()}) == 1


def test_a_training_of_unknown_speed_counts_as_the_others_do():
    """One that was killed after its last step has nothing left to measure when it goes on."""
    every = [xr.Dataset(attrs={"images_per_second": speed}) for speed in (100.0, 0.0, 100.0)]
    found = how_computed([36_000] * 4, [*every, xr.Dataset()], "hours")
    assert (found["images_per_cpu_second"], found["hours"]) == (100, 0.4)
    found = how_computed([36_000], [xr.Dataset()], "hours")
    assert (found["images_per_cpu_second"], found["hours"]) == (None, None)


def test_kinds_of_processor_are_told_apart():
    kinds = ("AMD EPYC, AVX512", "AMD EPYC, AVX2", "AMD EPYC, AVX512")
    every = [xr.Dataset(attrs={"images_per_second": 1.0, "processor": kind}) for kind in kinds]
    found = how_computed([1] * 3, every, "hours")["processor"]
    assert found == "AMD EPYC, AVX2; AMD EPYC, AVX512"
