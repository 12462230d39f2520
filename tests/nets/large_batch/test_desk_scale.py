"""Desk scale of the experiments on large batches: all of its cells, with numbers made up."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

torch = pytest.importorskip("torch")

from nets.figures.store import digest_of_job
from nets.large_batch import trainings
from nets.large_batch.batch_table import NOISY, PLAIN, of_kind
from sdeopt import results
from sdeopt.experiments.keeping import MOST
from sdeopt.plot.style import house_style

TRAININGS = {
    # 6 batch sizes × 4 rates × 4 noises and constant noise; then 6 runs of 6 × 2, 3 rules and constant
    "lb_table1": (96 + 12, 6 * 16),
    "lb_table2": (4 * 2 * 3, 5 * 8),
    "lb_lm": (3 * 3 * 4, 5 * 6),
    "lb_fig1": (0, 10 * 2),
    "lb_fig2": (0, 6 * 3),
    "lb_table3": (0, 5 * 2),
    # traced, and searched; then none, 6 searched, 3 restored, 3 small
    "lb_theory": (1 + 7, 6 * 13),
}
"""How many a search has, and the final ones."""


def made_up(job):
    """Return a history of numbers in their ranges, the same for the same training."""
    random = np.random.default_rng(list(digest_of_job(job, "made up").encode()))
    epochs = np.arange(job.epochs + 1)
    tested = (epochs % job.task.every == 0) | (epochs == job.epochs)
    accuracy = np.where(tested, random.uniform(0.2, 0.9, len(epochs)), np.nan)
    loss = np.where(tested, random.uniform(1.0, 5.0, len(epochs)), np.nan)
    found = {"accuracy": ("epoch", accuracy), "loss": ("epoch", loss), "diverged": False}
    if job.plan.traced:
        found |= {"trace": ("epoch", random.uniform(1.0, 9.0, len(epochs))), "weights": 431_080}
    return xr.Dataset(found, {"epoch": epochs})


@pytest.mark.parametrize("name", TRAININGS)
def test_claims_and_picture(name, monkeypatch, tmp_path):
    every = []

    def train_all(train, wanted, images):
        every.extend(wanted)
        return [made_up(job) for job in wanted]

    monkeypatch.setattr(trainings, "train_all", train_all)
    monkeypatch.setattr(trainings, "all_examples", lambda task: SimpleNamespace(provenance="none"))
    monkeypatch.setattr(trainings, "digest_of_data", lambda task: "made up")
    experiment = importlib.import_module(f"nets.large_batch.{name}").experiment
    result = experiment.simulate(experiment.configuration("desk"))
    searching = [job for job in every if job.run == trainings.SEARCHING]
    assert (len(searching), len(every) - len(searching)) == TRAININGS[name]
    # the test set chooses nothing, and the final trainings hold nothing back
    assert all(job.plan.held_back or job.plan.traced for job in searching)
    assert not any(job.plan.held_back for job in every if job.run != trainings.SEARCHING)
    assert result["training"].dims == ("plan", "run")
    found = experiment.claims(result)
    assert len({claim.claim for claim in found}) == len(found)
    results.save(result, tmp_path / "result.nc", compress=True)
    assert (tmp_path / "result.nc").stat().st_size < MOST
    assert str(experiment.claims(results.load(tmp_path / "result.nc"))) == str(found)
    with house_style():
        experiment.draw(result).draw_without_rendering()


def test_a_table_takes_what_the_search_found(monkeypatch):
    monkeypatch.setattr(trainings, "train_all", lambda train, jobs, images: map(made_up, jobs))
    monkeypatch.setattr(trainings, "all_examples", lambda task: SimpleNamespace(provenance="none"))
    monkeypatch.setattr(trainings, "digest_of_data", lambda task: "made up")
    monkeypatch.setattr(trainings, "_with_origin", lambda result, *rest: result)
    experiment = importlib.import_module("nets.large_batch.lb_table1").experiment
    result = experiment.simulate(experiment.configuration("desk"))
    for batch in (341, 7_500):
        scores = result["search"].sel(batch=batch)
        plain, noisy = (result.sel(plan=of_kind(kind, batch)) for kind in (PLAIN, NOISY))
        assert plain["plan_noise"] == 0
        own = scores.sel(search_rate=plain["plan_rate"], search_noise=0.0)
        assert float(own) == float(scores.sel(search_noise=0.0).max())
        own = scores.sel(search_rate=noisy["plan_rate"], search_noise=noisy["plan_noise"])
        assert float(own) == float(scores.isel(search_noise=slice(1, None)).max())
    rates = {str(plan): float(rate) for plan, rate in zip(*_rates(result), strict=True)}
    first = rates["plain, B = 341"]
    ratio = 7_500 / 341
    assert rates["linear, B = 7500"] == pytest.approx(first * ratio)
    assert rates["square root, B = 7500"] == pytest.approx(first * ratio**0.5)
    assert rates["logarithmic, B = 7500"] == pytest.approx(first * (1 + np.log(ratio)))
    assert result["plan_updates"].sel(plan="noisy, B = 7500") == 2
    assert result["paper_batch"].values.tolist() == [2_048, 4_096, 8_192, 16_384, 32_768, 45_000]


def _rates(result):
    return result["plan"].values, result["plan_rate"].values
