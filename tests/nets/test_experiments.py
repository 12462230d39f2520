"""What the experiments on deep networks share: their words, and trainings in common."""

import dataclasses
import importlib
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

torch = pytest.importorskip("torch")

from nets.figures import fig7, regime_claims, regimes
from nets.figures.alone import SinglePlan, alone
from nets.figures.claims import best_at_lowest, learnt, picked
from nets.figures.comparison import trainings
from nets.figures.further_claims import stable_with_many
from nets.figures.judging import Judge, rise
from nets.figures.single_claims import best_nearly_everywhere
from nets.figures.store import SHIPPED
from nets.figures.task import QUICK_SINGLE, Plan, SingleAgents, Task
from nets.figures.trained import trained
from sdeopt import results
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


class TestLostTrainings:
    """What a training that diverged counts as in the claims."""

    def couplings(self, lost, looks=()):
        """Return trainings (coupling, run) of Figure 7, all alike but for those that are lost."""
        lost = np.array(lost)
        right = 0.9 - 0.01 * np.arange(lost.shape[1]) - 0.02 * np.arange(len(lost))[:, None]
        right = np.where(lost, 0.1, right)
        by_part = right[..., None, None] * np.ones((2, 3))
        dims = ("plan", "run", "epoch", "part")
        lost_loss = np.where(lost[..., None, None], np.nan, by_part)
        return xr.Dataset(
            {
                "quorum_accuracy": (dims, by_part),
                "agents_accuracy": (dims, by_part),
                "quorum_loss": (dims, lost_loss),
                "synchronization": (dims[:3], lost_loss[..., 0]),
                "diverged": (dims[:2], lost),
            },
            {
                "part": ["train", "validation", "test"],
                "coupling": ("plan", np.arange(1.0, 1 + len(lost))),
                "method": ("plan", ["EASGD"] * len(lost)),
                "agents": ("plan", [4] * len(lost)),
            },
            {"looks": looks},
        )

    def test_do_not_converge(self):
        """Trainings with so high a rate that all are lost."""
        changed = {"learning_rate": 3000.0, "runs": 2, "epochs": 3, "agents": 3}
        few = dataclasses.replace(fig7.QUICK, coupling=(1e-6, 1e-5, 2e-5), **changed)
        result = fig7.simulate(few)
        assert result["diverged"].all()
        for plan in range(3):
            assert (learnt(result.isel(plan=plan))[0] == 0).all()
        weak, best, strong = fig7.claims(result)
        assert (weak.verdict, best.verdict, strong.verdict) == (
            "holds", "undecided", "contradicted",
        )  # fmt: skip
        assert best.claim.endswith("none converges")

    @pytest.mark.parametrize("looks", [(4,), ()])
    def test_are_not_the_lowest_that_converges(self, looks):
        all_lost = self.couplings([[True] * 4, [False] * 4, [False] * 4], looks)
        one_lost = self.couplings([[True, *[False] * 3], [False] * 4, [False] * 4], looks)
        for result in (all_lost, one_lost):
            claims = best_at_lowest(result)
            (lowest,) = [each for each in claims if each.claim.startswith("the lowest coupling")]
            assert "k = 2, tests best" in lowest.claim
            assert claims[-1].verdict == "holds"

    @pytest.mark.parametrize("looks", [(4,), ()])
    def test_are_not_stable(self, looks):
        result = self.couplings([[True] * 4, [True] * 4], looks).assign_coords(
            method=("plan", ["QSGD", "EASGD"])
        )
        verdicts = [each.verdict for each in stable_with_many(result, "QSGD", "EASGD")]
        assert verdicts == ["contradicted", "holds"]

    def test_that_overflow_in_the_last_step_are_lost(self):
        result = self.couplings([[True] * 4]).assign(diverged=(("plan", "run"), [[False] * 4]))
        own, others = learnt(result.isel(plan=0))
        assert (own / others == 0).all()

    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_end_at_no_loss_in_the_regimes(self):
        """Trainings with so high a rate that all are lost: what they began with is no end."""
        changed = {"learning_rate": 3000.0, "runs": 2, "epochs": 8, "every": 4}
        result = regimes.simulate(
            dataclasses.replace(regimes.QUICK, coupling=(1e-3 / 3000, 2e-3 / 3000), **changed)
        )
        assert result["diverged"].all()
        for method in ("MSGD", "QSGD", "EASGD"):
            losses = regime_claims.tested(result, method, 200, 2e-3 / 3000, "loss")
            assert np.isinf(losses[:, -1]).all()
        assert {each.verdict for each in regimes.claims(result)} == {"undecided"}

    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_are_judged_by_signs_in_the_regimes(self):
        """Those of EASGD are lost half-way, at the coupling of the claims; others are as they were."""
        kept = results.load(SHIPPED / "regimes" / "result.nc")
        lost = (kept["method"] == "EASGD") & (kept["coupling"] == 0.4) & (kept["epoch"] >= 20)
        result = kept.assign(quorum_loss=kept["quorum_loss"].where(~lost))
        for each in (kept, result):
            losses = regime_claims.tested(each, "EASGD", 2_500, 0.4, "loss")
            assert losses["epoch"].values.tolist() == [*range(0, 41, 4)]
        verdicts = {each.claim.partition(" (")[0]: each for each in regimes.claims(result)}
        regimes.draw(result)
        before = {each.claim.partition(" (")[0]: each for each in regimes.claims(kept)}
        assert verdicts.keys() == before.keys()
        for words, claim in verdicts.items():
            if "ends with a lower test loss" in words:
                assert claim.verdict == "contradicted"
            elif "tests better" in words:
                assert claim == before[words]
            else:
                assert claim.verdict == "undecided"

    @pytest.mark.parametrize("method", ["MSGD", "EASGD"])
    def test_do_not_end_other_single_agents(self, method):
        task = SingleAgents(
            **QUICK_SINGLE | {"runs": 3, "epochs": 6, "every": 1}, momenta=(0.9,)
        ).task()
        plan = SinglePlan(method=method, learning_rate=100.0, momentum=0.9, coupling=1e-3)
        found = alone(task, plan)
        assert found["loss"].dims == ("epoch", "part", "run")
        assert np.flatnonzero(found["diverged"]).tolist() == [2]
        kept = np.isfinite(found["loss"].sel(part="test"))
        assert kept.all("epoch").values.tolist() == [True, True, False]
        # one agent of several trains as it would beside them, for as long as it is not lost
        short = alone(dataclasses.replace(task, epochs=2), plan)
        assert not short["diverged"].any()
        xr.testing.assert_allclose(
            found["loss"].sel(epoch=slice(2)).drop_attrs(), short["loss"].drop_attrs(), rtol=1e-3
        )
        end = found["accuracy"].sel(part="test").isel(epoch=-1)
        assert end[2] == 0.1


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
