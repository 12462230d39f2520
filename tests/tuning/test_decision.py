"""Which couplings may be the best: by hand, and how often the best is dropped."""

import numpy as np
import pytest
from scipy import stats

from sdeopt.tuning.decision import Decision

BASE = np.array([0.0, 5.0, -3.0, 8.0])
K = np.array([0.0, 1.0, 2.0])


def test_couplings_are_dropped_where_their_paired_difference_is_clear():
    # the same scatter in all, so that differences are exact
    exact = Decision(K, np.array([BASE + 1.0, BASE, BASE + 0.1]))
    assert (exact.best, exact.interval) == (1, (1.0, 1.0))
    other = np.array([1.0, -1.0, 1.2, -0.9])
    open_one = Decision(K, np.array([BASE + 20.0, BASE, BASE + other + 0.1]))
    assert open_one.possible.tolist() == [False, True, True]
    assert open_one.interval == (1.0, 2.0)
    assert open_one.error_behind_best() == pytest.approx(other.std(ddof=1) / 2)


def test_only_replicas_that_both_have_are_compared():
    values = np.array([[1.0, 2.0, 3.0, np.nan], [0.5, 1.4, 2.6, 90.0]])
    decision = Decision(K[:2], values)
    assert decision.possible.tolist() == [False, True]
    assert decision.best == 1


def test_a_coupling_that_diverges_is_never_the_best():
    values = np.array([BASE, BASE + 0.1, np.full(4, np.inf)])
    decision = Decision(K, values)
    assert decision.possible.tolist() == [True, False, False]
    assert decision.best == 0
    assert Decision(K, np.full((3, 4), np.inf)).diverged.all()


@pytest.mark.statistical
@pytest.mark.parametrize("means", [(0.0, 0.0, 0.0, 0.0), (0.0, 0.1, 0.2, 3.0)])
def test_the_best_is_dropped_no_more_often_than_stated(means):
    """Null: the first coupling, one of the best, is dropped with probability at most 0.05."""
    rng = np.random.default_rng(7)
    trials, level = 2000, 0.05
    dropped = 0
    for _ in range(trials):
        values = np.array(means)[:, None] + rng.normal(size=(4, 12)) + rng.normal(size=12)
        dropped += not Decision(np.arange(4.0), values, level).possible[0]
    assert stats.binom.sf(dropped - 1, trials, level) > 1e-3


@pytest.mark.statistical
def test_a_test_without_bonferroni_would_be_noticed():
    """The planted bug: every other is compared at the whole level."""
    rng = np.random.default_rng(7)
    dropped = 0
    for _ in range(2000):
        values = rng.normal(size=(4, 12)) + rng.normal(size=12)
        dropped += not Decision(np.arange(4.0), values, 3 * 0.05).possible[0]
    assert stats.binom.sf(dropped - 1, 2000, 0.05) < 1e-3
