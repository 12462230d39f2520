"""The search over couplings, on made-up numbers whose best coupling is known."""

import numpy as np
import pytest
from scipy import stats

from sdeopt.tuning.search import FINE, Search

SEARCHES = 100


def measured(truth, noise, seed, asked=None):
    """Return how couplings are measured: a function of log k, and noise of which half is common."""

    def measure(couplings, batch, size):
        if asked is not None:
            asked.append((tuple(couplings), batch, size))
        common = np.random.default_rng([seed, batch]).normal(size=size)
        rows = []
        for k in couplings:
            own = np.random.default_rng([seed, batch, round(1e6 * k)]).normal(size=size)
            rows.append(truth(k) + noise * (own + common))
        return np.array(rows)

    return measure


def bowl(k):
    """The best is 3, no coupling is worse."""
    return np.log(k / 3.0) ** 2 if k else 9.0


@pytest.mark.statistical
def test_the_best_coupling_lies_in_the_interval():
    """Null: the best of the couplings that were tried is missed with probability at most 0.05."""
    missed = 0
    for seed in range(SEARCHES):
        decision = Search(measured(bowl, 1.0, seed), 0.1, 25.6, 16, 256).run()
        truth = [bowl(k) for k in decision.couplings]
        low, high = decision.interval
        missed += not low <= decision.couplings[np.argmin(truth)] <= high
    assert stats.binom.sf(missed - 1, SEARCHES, 0.05) > 1e-3


def test_without_noise_the_best_is_found_to_the_finest_factor():
    decision = Search(measured(bowl, 0.0, 0), 0.1, 25.6, 4, 8).run()
    best = decision.couplings[decision.best]
    assert 3 / FINE <= best <= 3 * FINE
    assert decision.interval == (best, best)


def test_replicas_are_added_where_it_is_open_only():
    asked = []
    decision = Search(measured(bowl, 0.3, 5, asked), 0.1, 25.6, 16, 256, error=0.02).run()
    counts = np.isfinite(decision.values).sum(axis=1)
    assert counts[0] == 16  # no coupling is clearly worse
    assert counts[decision.best] > 64
    assert decision.error_behind_best() <= 0.02 or counts.max() >= 256
    # nothing is measured twice, and batches of a coupling follow each other
    every = [(k, batch) for couplings, batch, _ in asked for k in couplings]
    assert len(every) == len(set(every))


def test_a_flat_curve_ends_at_the_most_replicas():
    decision = Search(measured(lambda k: 0.0, 1.0, 3), 0.1, 25.6, 8, 64, error=1e-9).run()
    assert np.isfinite(decision.values).sum(axis=1).max() == 64
    low, high = decision.interval
    assert (low, high) == (0.0, 25.6)


def test_no_coupling_gets_more_than_the_most_replicas():
    decision = Search(measured(lambda k: 0.0, 1.0, 3), 0.1, 25.6, 8, 41, error=1e-9).run()
    assert np.isfinite(decision.values).sum(axis=1).max() == 41


def test_no_coupling_can_be_the_best():
    decision = Search(measured(lambda k: k, 0.1, 3), 0.1, 25.6, 8, 64).run()
    assert decision.couplings[decision.best] == 0.0
