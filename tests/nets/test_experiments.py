"""What the experiments on deep networks share: their words, and trainings in common."""

import dataclasses
import importlib
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

torch = pytest.importorskip("torch")

from nets.figures.claims import picked
from nets.figures.comparison import trainings
from nets.figures.judging import Judge, rise
from nets.figures.single_claims import best_nearly_everywhere
from nets.figures.task import Plan, Task
from nets.figures.trained import trained
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiments.overrides import overridden

higher = Judge().higher

NAMES = ("fig7", "fig8", "fig9", "fig10", "fig11", "fig12", "regimes", "robustness", "table1")
TINY = {"runs": 2, "epochs": 2, "every": 1, "train": 64, "widths": (8,)}


@pytest.fixture(scope="module")
def starts():
    """Return Figure 12 with two short runs."""
    module = importlib.import_module("nets.figures.fig12")
    return module.experiment.simulate(dataclasses.replace(module.QUICK, **TINY, agents=(2, 3)))


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
    # attributes say how fast it was
    assert first.equals(again)
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


@pytest.mark.parametrize(
    ("name", "changed", "problem"),
    [
        (
            "fig9",
            {"coupling": 12.0},
            "12 at step 0, where EASGD with 8 agents .* diverges from 11.1111",
        ),
        ("fig8", {"batch": 500}, "batch is 500, but must be at least 1 and at most 400"),
        ("fig8", {"batch": 0}, "batch is 0, but must be at least 1 and at most 400"),
    ],
)
def test_what_one_training_refuses_is_refused_before_the_first(monkeypatch, name, changed, problem):
    monkeypatch.setattr("nets.figures.trained._trained", None)
    module = importlib.import_module(f"nets.figures.{name}")
    with pytest.raises(InvalidArgumentError, match=problem):
        module.experiment.simulate(dataclasses.replace(module.QUICK, **changed))


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
        assert higher("", low + np.array([0.010, 0.012, 0.011, 0.009]), low).holds is False
        assert higher("", low, low + np.array([0.010, -0.012, 0.011, 0.009])).holds is None
        assert higher("", low, low).holds is None

    def test_infinite_losses(self):
        finite, lost = np.array([1.0, 2.0]), np.array([np.inf, 2.0])
        assert rise(finite, lost) == (np.inf, 0.0)
        assert rise(lost, finite) == (-np.inf, 0.0)
        assert higher("", lost, finite, kind="loss").holds is False
        assert higher("", finite, lost, kind="loss").holds
        assert higher("", lost, lost, kind="loss").holds is None

    def test_nearly_everywhere_counts_clear_differences(self):
        def claim(gap, scatter):
            """Return the claim for ten settings where method a is better by a gap."""
            error = np.full((2, 10, 4), 0.2)
            error[1] += gap + scatter * np.array([-1.0, 1.0, -1.0, 1.0])
            tested = xr.DataArray(
                1 - error[..., None, None],
                dims=("optimizer", "learning_rate", "run", "part", "epoch"),
                coords={"optimizer": ["a", "b"], "part": ["test"]},
            )
            return best_nearly_everywhere(xr.Dataset({"accuracy": tested}), "a", ["b"])

        assert claim(0.1, 0.01).verdict == "holds"
        assert claim(-0.1, 0.01).verdict == "contradicted"
        unclear = claim(-0.01, 0.1)
        assert (unclear.verdict, unclear.interval) == ("undecided", (0.0, 1.0))


def test_together_is_together(starts):
    start = starts["synchronization"].isel(epoch=0)
    assert (picked(start.to_dataset(), agents=2, together=True)["synchronization"] < 1e-9).all()
    assert (picked(start.to_dataset(), agents=2, together=False)["synchronization"] > 1).all()
