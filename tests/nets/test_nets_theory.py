"""The bridge to theory as an experiment: its claims, its file, its picture, and planted errors."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from nets.against_theory.configuration import NetworkConfiguration
from sdeopt.errors import InvalidArgumentError

pytest.importorskip("torch")

from nets.against_theory import experiment as nets_theory
from sdeopt import results
from tests.nets.bridge.small_bridge import SMALL


@pytest.fixture(scope="module")
def small():
    return nets_theory.simulate(SMALL)


def failed(result):
    return [claim.claim for claim in nets_theory.claims(result) if not claim.holds]


def test_it_can_be_listed_without_torch():
    code = "import sys, nets.against_theory.experiment; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.statistical
def test_claims(small):
    """Each is a test at level 0.001 in a band of 35%. The lemma's scaling in k is an upper bound's."""
    bad = failed(small)
    assert [words for words in bad if "as 1/(k − λ̄)" not in words] == []
    assert bad


def test_the_lemma_is_reported_as_not_applying_below_the_curvature(small):
    assert -float(small["smallest"].min()) > 0.05
    (words,) = [c.claim for c in nets_theory.claims(small) if "does not apply" in c.claim]
    assert "k = 0.05" in words
    assert "k = 1" not in words


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(nets_theory.claims(loaded)) == str(nets_theory.claims(small))
    assert len(nets_theory.experiment.draw(loaded).axes) == 6


def test_the_same_seed_gives_the_same_result(small):
    short = dataclasses.replace(
        SMALL, agents=(4, 1, 2), coupling=(1.0, 0.5), snapshots=(0, 3), stationary=3, svag_time=0.4
    )
    first, second = (nets_theory.simulate(short) for _ in range(2))
    assert first.equals(second)
    assert small.attrs["agent_steps"] > 120 * 12 * 4 * 5


@pytest.mark.statistical
class TestControls:
    """Nulls as in `test_claims`; each error is noticed by the claim that it concerns."""

    def test_noise_of_the_mean_that_does_not_fall(self, small):
        louder = small.assign(mean_noise=small["mean_noise"] * small["agents"] ** 0.5)
        assert any("falls as 1/p" in words for words in failed(louder))

    def test_spread_of_other_dependence_on_agents(self, small):
        """As if all p agents' noise remained, not p − 1."""
        p = small["agents"]
        wrong = small["spread"] * p / (p - 1).where(p > 1, 1)
        assert any("grows as p − 1" in words for words in failed(small.assign(spread=wrong)))

    def test_spread_above_the_bound(self, small):
        bad = failed(small.assign(spread=9 * small["spread"]))
        assert any("Lemma 3.1 holds" in words for words in bad)

    def test_batches_of_too_little_noise(self, small):
        b = small["batch"]
        bad = failed(small.assign(with_replacement=small["with_replacement"] / np.sqrt(b)))
        assert any("as 1/b" in words for words in bad)

    def test_sgd_that_is_not_its_sde(self, small):
        loss = small["svag_loss"].where(small["parts"] > 1, 1.5 * small["svag_loss"])
        bad = failed(small.assign(svag_loss=loss))
        assert sum("SDE limit holds" in words for words in bad) == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("coupling", (2.0, 2.0), "coupling is"),
        ("snapshots", (5, 10), "snapshots begin at 5"),
        ("svag_parts", (2, 4), "svag_parts at 2"),
        ("runs", 2, "runs"),
        ("repeats", 29, "repeats"),
    ],
)
def test_bad_input(field, value, words):
    with pytest.raises(InvalidArgumentError, match=words):
        NetworkConfiguration(**{field: value})


def test_too_many_examples():
    with pytest.raises(InvalidArgumentError, match="there are 3200"):
        nets_theory.simulate(dataclasses.replace(SMALL, examples=4_000))
