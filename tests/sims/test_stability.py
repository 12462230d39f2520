"""Simulated borders of stability are Jury's, and other iterations have other borders."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sims.stability import experiment as stability
from sims.stability import measuring as stability_growth
from sims.stability.claims import intervals
from sims.stability.measuring import Growth, Iteration, told_the_new_mean
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    stability.QUICK, agents=(2, 8), relative_steps=(0.5, 1.0), pulls=12, halvings=12, band=0.003
)


@pytest.fixture(scope="module")
def small():
    return quick_result(stability.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in stability.claims(result) if not claim.holds]


def test_the_claims_hold(small):
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(stability.claims(loaded)) == str(stability.claims(small))
    assert len(stability.experiment.draw(loaded).axes) == 4


@pytest.mark.parametrize("pull", [0.3, 1.2, 1.8])
def test_growth_is_that_of_the_map(pull):
    """Differences of QSGD are multiplied by 1 − q − α in a step, the mean by 1 − q."""
    found = Iteration("QSGD", 3, relative_step=0.5, steps=20, seed=2).growth(pull)
    assert float(found.apart) == pytest.approx(abs(0.5 - pull))
    assert float(found.together) == pytest.approx(0.5)


def test_what_overflows_grew():
    run = Iteration("EASGD", 64, relative_step=0.5, steps=400, seed=1)
    assert not run.growth(3.9).stable
    huge = (np.full(2, np.inf), np.array(0.0))
    assert not Growth.between((np.ones(2), np.array(1.0)), huge, 10).stable


def test_what_vanished_did_not():
    gone = (np.zeros(2), np.array(0.0))
    assert Growth.between((np.ones(2), np.array(1.0)), gone, 10).stable


def test_the_other_order_by_hand():
    """One agent, two steps: x' = x(1 − q), then x~ goes to x' by α."""
    found = told_the_new_mean(1, 0.5, [0.5], steps=2, seed=1)
    x, z, sizes = 1.0, 1.0, []
    for _ in range(2):
        x = x - 0.5 * x + 0.5 * (z - x)
        z = z + 0.5 * (x - z)
        sizes.append(np.hypot(x, z))
    assert found.whole[0] == pytest.approx(sizes[1] / sizes[0])


def test_intervals_in_words():
    assert intervals([1, 2, 3, 4, 5], [False, True, True, False, True]) == "2 to 3, 5"


class TestControls:
    def test_the_new_mean(self, monkeypatch):
        """Planted: x~ hears the mean of agents that have moved."""
        as_it_is = Iteration.growth

        def hasty(self, pull, since=None):
            if self.method == "QSGD":
                return as_it_is(self, pull, since)
            found = told_the_new_mean(
                self.agents, self.relative_step, [pull], self.steps, self.seed
            )
            return Growth(found.whole[0], found.together[0], found.apart[0])

        monkeypatch.setattr(Iteration, "growth", hasty)
        bad = failed(stability.simulate(SMALL))
        assert any("border of EASGD is Jury's" in words for words in bad)
        assert any("agree in the whole plane" in words for words in bad)

    def test_a_quorum_as_fast_as_one_agent(self, monkeypatch):
        """Planted: QSGD in place of EASGD, so that the border does not shrink."""
        monkeypatch.setitem(stability_growth.METHODS, "EASGD", so.QSGD)
        bad = failed(stability.simulate(SMALL))
        assert any("shrinks with every agent" in words for words in bad)

    def test_half_the_border(self, small):
        bad = failed(small.assign(jury=small["jury"] / 2))
        assert sum("is Jury's" in words for words in bad) == 2
