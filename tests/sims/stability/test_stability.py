"""Growth of an iteration by hand, borders in numbers, and intervals in words."""

import numpy as np
import pytest

from sims.stability.claims import intervals
from sims.stability.measuring import Growth, Iteration, grow_with_new_mean, jury_border


@pytest.mark.parametrize("rate", [0.3, 1.2, 1.8])
def test_growth_is_that_of_the_map(rate):
    """Differences of QSGD are multiplied by 1 − q − α in a step, the mean by 1 − q."""
    found = Iteration("QSGD", 3, relative_step=0.5, steps=20, seed=2).growth(rate)
    assert float(found.apart) == pytest.approx(abs(0.5 - rate))
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
    found = grow_with_new_mean(1, 0.5, [0.5], steps=2, seed=1)
    x, z, sizes = 1.0, 1.0, []
    for _ in range(2):
        x = x - 0.5 * x + 0.5 * (z - x)
        z = z + 0.5 * (x - z)
        sizes.append(np.hypot(x, z))
    assert found.whole[0] == pytest.approx(sizes[1] / sizes[0])


def test_intervals_in_words():
    assert intervals([1, 2, 3, 4, 5], [False, True, True, False, True]) == "2 to 3, 5"


def test_borders_by_hand():
    """2 − q, and 2(2 − q)/(2 + p(2 − q))."""
    assert jury_border("QSGD", agents=8, relative_step=0.5) == pytest.approx(1.5)
    assert jury_border("EASGD", agents=8, relative_step=0.5) == pytest.approx(3 / 14)
