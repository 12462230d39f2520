"""Every experiment on deep networks runs through, and its claims notice what they are about."""

import dataclasses
import importlib
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.figures.claims import higher, picked, rise
from nets.figures.task import Plan, Task
from nets.figures.trained import trained, trainings
from sdeopt import results
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiments.overrides import overridden
from sdeopt.plot import style as plotting

NAMES = ("fig7", "fig8", "fig9", "fig10", "fig11", "fig12", "table1")
TINY = {"runs": 2, "epochs": 2, "every": 1, "train": 64, "widths": (8,)}
SMALLER = {
    "fig7": {"agents": 2, "coupling": (0.1, 5.0)},
    "fig8": {"agents": (1, 2)},
    "fig9": {"agents": (1, 2)},
    "fig10": {"rates": (0.02, 0.05)},
    "fig11": {"agents": (2, 3)},
    "fig12": {"agents": (2, 3)},
    "table1": {"rates": (0.02, 0.05), "momenta": (0.5, 0.9)},
}


@pytest.fixture(scope="module")
def tiny():
    """Return module and result of every experiment, with two short runs."""
    found = {}
    for name in NAMES:
        module = importlib.import_module(f"nets.figures.{name}")
        size = dataclasses.replace(module.QUICK, **TINY, **SMALLER[name])
        found[name] = module, module.experiment.simulate(size)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_runs_through_and_reads_back(name, tiny, tmp_path):
    module, result = tiny[name]
    results.save(result, tmp_path / "result.nc")
    claims = module.claims(results.load(tmp_path / "result.nc"))
    assert claims == module.claims(result)
    assert len(claims) >= 2
    assert result.attrs["agent_steps"] > 0
    with plotting.house_style():
        figure = module.experiment.draw(result)
    plotting.save(figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_needs_and_what_is_whose(name):
    experiment = importlib.import_module(f"nets.figures.{name}").experiment
    assert experiment.name == name
    assert experiment.section == "Deep networks"
    assert tuple(experiment.requires) == ("torch",)
    assert experiment.extra == "sdeopt[nets]"
    words = " ".join(experiment.reconstructed)
    assert "learning rate 0.02" in words
    assert "400 MNIST digits" in words
    assert experiment.configuration("quick").data == "digits"
    paper = experiment.configuration("paper")
    assert (paper.data, paper.network, paper.batch) == ("cifar10", "three_convolutions", 128)


def test_the_list_of_experiments_needs_no_torch():
    program = "import sys; sys.modules['torch'] = None\n" + "\n".join(
        f"import nets.figures.{name}" for name in NAMES
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_paper_scale_says_what_is_missing(monkeypatch, tmp_path):
    paper = importlib.import_module("nets.figures.fig9").experiment
    monkeypatch.delenv("SDEOPT_DATA", raising=False)
    with pytest.raises(OutputError, match="SDEOPT_DATA"):
        paper.simulate(paper.configuration("paper"))
    monkeypatch.setenv("SDEOPT_DATA", str(tmp_path))
    with pytest.raises(OutputError, match="cifar-10-batches"):
        paper.simulate(paper.configuration("paper"))
    if not torch.cuda.is_available():
        digits = dataclasses.replace(paper.configuration("quick"), device="cuda")
        with pytest.raises(InvalidArgumentError, match="no GPU"):
            paper.simulate(digits)


def test_settings_can_be_given_as_text():
    paper = importlib.import_module("nets.figures.fig9").experiment
    changed = overridden(paper.configuration("quick"), ["epochs=5", "agents=1,3", "every=5"])
    assert (changed.epochs, changed.agents) == (5, (1, 3))


def test_same_numbers_whoever_asks():
    """A training depends on its own description alone, so figures may share it."""
    task = Task(**TINY, batch=32, learning_rate=0.02, data="digits", network="perceptron")
    plan = Plan(method="EASGD", agents=2, coupling=1.0)
    first = trained(task, plan, 0)
    again = trained.__wrapped__(task, plan, 0)
    assert first.identical(again)
    assert trained(task, plan, 0) is first
    assert not trained(task, plan, 1).equals(first)


def test_convolutions_run_the_same_way():
    small = Task(
        **{**TINY, "widths": (2, 2, 2), "epochs": 1},
        batch=32,
        learning_rate=0.02,
        data="digits",
        network="three_convolutions",
    )
    result = trainings(small, [Plan(method="QSGD", agents=2, coupling=1.0)])
    assert np.isfinite(result["quorum_loss"].sel(part="test")).all()


def test_a_divergence_is_a_result():
    task = Task(**TINY, batch=32, learning_rate=1e30, data="digits", network="perceptron")
    result = trainings(task, [Plan(method="QSGD")])
    assert result["diverged"].all()
    assert (result["quorum_accuracy"].isel(epoch=-1) == 0.1).all()
    assert np.isnan(result["quorum_loss"].isel(epoch=-1)).all()


def test_a_single_run_has_no_standard_error():
    with pytest.raises(InvalidArgumentError, match="at least 2"):
        Task(**{**TINY, "runs": 1}, batch=8, learning_rate=1.0, data="digits", network="perceptron")


def test_the_end_is_tested():
    task = Task(
        **{**TINY, "every": 3, "epochs": 4},
        batch=32,
        learning_rate=0.02,
        data="digits",
        network="perceptron",
    )
    tested = trained(task, Plan(method="QSGD"), 0)["quorum_loss"].sel(part="test")
    assert np.isfinite(tested).values.tolist() == [True, False, False, True, True]


class TestDifferences:
    def test_clear_and_unclear(self):
        low = np.array([0.80, 0.81, 0.79, 0.80])
        assert higher("", low, low + np.array([0.010, 0.012, 0.011, 0.009])).holds
        assert not higher("", low, low + np.array([0.010, -0.012, 0.011, 0.009])).holds
        assert not higher("", low, low).holds

    def test_infinite_losses(self):
        finite, lost = np.array([1.0, 2.0]), np.array([np.inf, 2.0])
        assert rise(finite, lost) == np.inf
        assert rise(lost, finite) == -np.inf
        assert not higher("", lost, finite, shares=False).holds


def with_ends(result, name, values, part="test"):
    """Return the result with other last values: plan -> mean; the runs differ a little."""
    changed = result.copy(deep=True)
    for plan, value in enumerate(values):
        for run in range(result.sizes["run"]):
            place = {"plan": plan, "run": run, "epoch": -1}
            if "part" in result[name].dims:
                place["part"] = ["train", "validation", "test"].index(part)
            changed[name][place] = value + 1e-4 * run * (plan + 1)
    return changed


def verdicts(module, result):
    return {claim.claim: claim.holds for claim in module.claims(result)}


def holding(module, result, words):
    found = [holds for claim, holds in verdicts(module, result).items() if words in claim]
    assert found, words
    return all(found)


class TestClaimsNotice:
    """Numbers as the paper says make a claim hold; the opposite makes it fail."""

    def test_rising_with_agents(self, tiny):
        module, result = tiny["fig8"]
        for values, holds in (((0.7, 0.8, 0.7, 0.8), True), ((0.8, 0.7, 0.8, 0.7), False)):
            changed = with_ends(result, "quorum_accuracy", values)
            assert holding(module, changed, "rises with the number") is holds
            changed = with_ends(result, "quorum_loss", values)
            assert holding(module, changed, "falls with the number") is not holds

    def test_one_agent_is_sgd(self, tiny):
        module, result = tiny["fig8"]
        assert holding(module, result, "both SGD")
        wrong = result.copy(deep=True)
        wrong["mean_loss"][{"plan": 2}] += 0.01
        assert not holding(module, wrong, "both SGD")

    def test_training_and_testing(self, tiny):
        module, result = tiny["fig9"]
        for values, holds in (((0.7, 0.7, 0.8, 0.8), True), ((0.8, 0.8, 0.7, 0.7), False)):
            tested = with_ends(result, "quorum_accuracy", values)
            assert holding(module, tested, "EASGD tests better") is holds
            lower = with_ends(result, "quorum_loss", values, "train")
            assert holding(module, lower, "QSGD drives the train loss lower") is holds
            lower = with_ends(result, "quorum_loss", values, "test")
            assert holding(module, lower, "EASGD drives the test loss lower") is not holds

    def test_best_coupling(self, tiny):
        module, result = tiny["fig7"]
        good = with_ends(result, "agents_accuracy", (0.99, 0.99), "train")
        good = with_ends(good, "quorum_accuracy", (0.99, 0.99), "train")
        low_best = with_ends(good, "quorum_accuracy", (0.9, 0.8))
        assert holding(module, low_best, "tests better than the strongest")
        high_best = with_ends(good, "quorum_accuracy", (0.8, 0.9))
        assert not holding(module, high_best, "tests better than the strongest")
        apart = with_ends(high_best, "quorum_accuracy", (0.3, 0.99), "train")
        assert holding(module, apart, "the quorum variable does not converge")
        assert holding(module, apart, "and tests worse there")

    def test_synchronization(self, tiny):
        module, result = tiny["fig11"]
        wrong = result.copy(deep=True)
        easgd = result["method"].values == "EASGD"
        wrong["synchronization"][{"plan": easgd}] *= 4.0
        assert holding(module, result, "close to their mean")
        assert not holding(module, wrong, "close to their mean")

    def test_starts(self, tiny):
        module, result = tiny["fig12"]
        for values, holds in (((0.8, 0.9, 0.7, 0.7), True), ((0.7, 0.6, 0.8, 0.8), False)):
            changed = with_ends(result, "quorum_accuracy", values)
            assert holding(module, changed, "start apart test better") is holds
            assert holding(module, changed, "gains more") is holds

    def test_together_is_together(self, tiny):
        _, result = tiny["fig12"]
        start = result["synchronization"].isel(epoch=0)
        assert (picked(start.to_dataset(), agents=2, together=True)["synchronization"] < 1e-9).all()
        assert (picked(start.to_dataset(), agents=2, together=False)["synchronization"] > 1).all()

    @pytest.mark.parametrize(("best", "holds"), [("EASGD-WM", True), ("MSGD", False)])
    def test_single_agents(self, best, holds, tiny):
        for name, words in (("fig10", "tests better than MSGD"), ("table1", "EASGD-WM has")):
            module, result = tiny[name]
            changed = result.copy(deep=True)
            rank = (
                0.6 + 0.1 * (result["optimizer"] == best) + 0.05 * (result["optimizer"] == "EASGD")
            )
            noise = 0.001 * result["run"] * (1 + (result["optimizer"] == best))
            changed["accuracy"] = (rank + noise).broadcast_like(result["accuracy"])
            assert holding(module, changed, words) is holds
