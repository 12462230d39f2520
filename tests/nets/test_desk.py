"""Desk scale as experiments: all of its cells, its claims, its pictures, with numbers made up."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

torch = pytest.importorskip("torch")

from nets.figures import comparison
from nets.figures.cell_by_cell import (
    ERRORS,
    LOSSES,
    METHODS,
    TIMES,
    as_in_the_paper,
    every_cell,
)
from nets.figures.further_claims import at_best_validation, better_at_best_validation
from nets.figures.single_agents import by_optimizer
from nets.figures.store import digest_of_job
from nets.figures.task import OPTIMIZERS
from sdeopt import results
from sdeopt.plot.style import house_style

NAMES = ("fig7", "fig8", "fig9", "fig10", "fig11", "fig12", "table1", "regimes",
         "robustness")  # fmt: skip
AGENTS = {"fig7": 78, "fig8": 15, "fig9": 30, "fig10": 10, "fig11": 14, "fig12": 14, "table1": 40,
          "regimes": 58, "robustness": 44}  # fmt: skip
"""Of a run that goes through all epochs, not shared with those before in the order of the plan."""


def made_up(job):
    """Return a history of numbers in their ranges, the same for the same training."""
    random = np.random.default_rng(list(digest_of_job(job, "made up").encode()))
    shape = (job.epochs + 1, 3)
    tested = (np.arange(job.epochs + 1) % job.task.every == 0) | (
        np.arange(job.epochs + 1) == job.epochs
    )
    found = {}
    for who in ("mean", "quorum", "agents"):
        for name, low, high in (("loss", 0.5, 2.0), ("accuracy", 0.3, 0.7)):
            values = np.where(tested[:, None], random.uniform(low, high, shape), np.nan)
            found[f"{who}_{name}"] = ("epoch", "part"), values
    for name in ("synchronization", "quorum_distance", "learning_rate"):
        found[name] = "epoch", random.uniform(1.0, 2.0, shape[0])
    parts = {"epoch": np.arange(shape[0]), "part": ["train", "validation", "test"]}
    return xr.Dataset({**found, "diverged": False}, parts)


@pytest.fixture
def desk(monkeypatch):
    """Return how to get an experiment and its result, without a training; and all jobs, by name."""
    jobs = {}

    def result(name):
        def train_all(train, wanted, images):
            jobs[name] = [*jobs.get(name, ()), *wanted]
            return [made_up(job) for job in wanted]

        monkeypatch.setattr(comparison, "train_all", train_all)
        monkeypatch.setattr(comparison, "data_of", lambda task: SimpleNamespace(provenance="none"))
        monkeypatch.setattr(comparison, "data_digest", lambda task: "made up")
        experiment = importlib.import_module(f"nets.figures.{name}").experiment
        return experiment, experiment.simulate(experiment.configuration("desk"))

    return SimpleNamespace(result=result, jobs=jobs)


@pytest.mark.parametrize("name", NAMES)
def test_claims_and_picture(desk, name, tmp_path):
    experiment, result = desk.result(name)
    found = experiment.claims(result)
    assert {claim.verdict for claim in found} <= {
        "holds",
        "contradicted",
        "equivalent",
        "undecided",
    }
    assert len({claim.claim for claim in found}) == len(found)
    # by the plan: all but what is exact by construction has an interval
    exact = [claim for claim in found if claim.interval is None]
    assert all("are both SGD" in claim.claim for claim in exact)
    results.save(result, tmp_path / "result.nc", compress=True)
    assert str(experiment.claims(results.load(tmp_path / "result.nc"))) == str(found)
    with house_style():
        experiment.draw(result).draw_without_rendering()


def test_every_cell_is_trained_once(desk):
    """What the plan lists: the agents of a run that an experiment adds to those before it."""
    known, whole = set(), {}
    for name in (
        "fig9",
        "fig10",
        "table1",
        "fig12",
        "fig11",
        "fig7",
        "fig8",
        "regimes",
        "robustness",
    ):
        desk.result(name)
        own = {digest_of_job(job, ""): job for job in desk.jobs[name] if job.run == 0}
        new = {digest: job for digest, job in own.items() if digest not in known}
        known |= set(own)
        whole[name] = sum(job.plan.agents for job in new.values() if job.plan.epochs is None)
        # with as many examples, all of a run come before those of the next
        runs = [(job.task.train, job.run) for job in desk.jobs[name]]
        assert runs == sorted(runs)
    assert whole == AGENTS


def test_single_agents_are_found_by_optimizer(desk):
    _, result = desk.result("table1")
    grid = by_optimizer(result)
    assert grid["loss"].sizes["momentum"] == 6
    assert grid["optimizer"].values.tolist() == list(OPTIMIZERS)
    ways = {"EASGD-WM": ("EASGD", 0.0, "quorum"), "EASGD": ("EASGD", 0.8, "quorum")}
    for optimizer, (method, momentum, who) in (ways | {"MSGD": ("QSGD", 0.8, "mean")}).items():
        (place,) = np.flatnonzero(
            (result["method"] == method)
            & (result["plan_momentum"] == momentum)
            & (result["plan_learning_rate"] == 0.1)
        )
        expected = result[f"{who}_loss"].isel(plan=place).values
        found = grid["loss"].sel(optimizer=optimizer, learning_rate=0.1, momentum=0.8)
        np.testing.assert_array_equal(found.transpose("run", "epoch", "part").values, expected)
    assert by_optimizer(grid) is grid


def test_the_best_epoch_is_that_of_the_validation_loss(desk):
    _, result = desk.result("fig9")
    training = result.isel(plan=2)
    found = at_best_validation(training, "quorum_accuracy")
    for run in range(4):
        one = training.isel(run=run)
        best = int(one["quorum_loss"].sel(part="validation").argmin("epoch"))
        assert found[run] == one["quorum_accuracy"].sel(part="test")[best]
    assert len(better_at_best_validation(result, "EASGD", "QSGD", [1, 2])) == 2


def test_cells_stand_next_to_those_of_the_paper(desk):
    """Numbers of the paper's own, a little scattered, are found to be as in the paper."""
    _, result = desk.result("table1")
    grid = by_optimizer(result)
    random = np.random.default_rng(3)

    def with_numbers(errors, losses):
        order = [METHODS.index(str(name)) for name in grid["optimizer"].values]
        changed = grid.copy(deep=True)
        for name, told in (("accuracy", 1 - errors), ("loss", losses)):
            cells = xr.DataArray(
                told[:, order], dims=("learning_rate", "optimizer", "momentum")
            ).assign_coords(
                {each: grid[each] for each in ("learning_rate", "optimizer", "momentum")}
            )
            noise = xr.zeros_like(grid[name]) + random.normal(0, 0.002, grid[name].shape)
            changed[name] = (cells + noise).transpose(*grid[name].dims)
        return changed

    alike = with_numbers(ERRORS, LOSSES / TIMES)
    assert [claim.verdict for claim in as_in_the_paper(alike)] == ["holds"] * 2
    cells = every_cell(alike)
    assert len(cells) == 4 * 6 * 2
    clear = [claim for claim in cells if "against" in claim.claim and claim.verdict == "holds"]
    assert len(clear) > 15
    # the other way round nothing is as there
    turned = with_numbers(ERRORS[:, ::-1], (LOSSES / TIMES)[:, ::-1])
    assert "holds" not in [claim.verdict for claim in as_in_the_paper(turned)]
    assert sum(claim.verdict == "holds" for claim in every_cell(turned)) < 3
