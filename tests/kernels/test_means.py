"""Means over agents: the order of the sum, whatever the layout, and what is not finite."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.means import SCRATCH, SUMS, agent_means
from sdeopt.kernels.vectors import NARROW


@compiled
def run(rows, agents, scratch, mean):
    return agent_means(rows, agents, scratch, mean)


def means(x):
    """Return the means of x of shape (rows, agents, R), lanes padded as a block's are."""
    rows, agents, replicas = x.shape
    missing = -(agents * replicas) % NARROW
    lanes = np.pad(x.reshape(rows, -1), ((0, 0), (0, missing)), constant_values=np.nan)
    mean = np.full((rows, replicas), 7.0)
    finite = run(lanes, agents, np.full(SCRATCH, np.nan), mean)
    return mean, finite


def in_order(numbers):
    """Add as the module says: number i to sum i modulo 8, then halves onto halves; divide exactly."""
    sums = [0.0] * SUMS
    for i, number in enumerate(numbers):
        sums[i % SUMS] += float(number)
    while len(sums) > 1:
        half = len(sums) // 2
        sums = [a + b for a, b in zip(sums[:half], sums[half:], strict=True)]
    return float(Fraction(sums[0]) / len(numbers))


@pytest.mark.parametrize("agents", [1, 2, 3, 7, 8, 9, 16, 23, 100])
@pytest.mark.parametrize("replicas", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 20, 33])
def test_the_order_depends_on_the_number_of_agents_alone(agents, replicas):
    x = np.random.default_rng(agents).normal(size=(3, agents, replicas))
    found, finite = means(x)
    expected = [[in_order(row[:, r]) for r in range(replicas)] for row in x]
    np.testing.assert_array_equal(found, expected)
    assert finite


@pytest.mark.parametrize("replicas", [1, 5, 8, 10, 16])
@pytest.mark.parametrize("agents", [1, 6, 20])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_seen_wherever_it_is(agents, replicas, bad):
    for agent in range(agents):
        for r in range(replicas):
            x = np.ones((2, agents, replicas))
            x[1, agent, r] = bad
            found, finite = means(x)
            assert not finite
            assert np.array_equal(found[1, r], bad, equal_nan=True)
            rest = np.delete(found[1], r)
            np.testing.assert_array_equal(rest, np.ones_like(rest))


@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40).map(
        lambda numbers: [n if abs(n) > 1e-290 else 0.0 for n in numbers]
    )
)
def test_a_mean_is_the_sum_divided_correctly(numbers):
    x = np.array(numbers).reshape(1, -1, 1)
    total = in_order(numbers) * len(numbers)
    found, _ = means(x)
    if abs(total) < 1e305 and (total == 0.0 or abs(total) > 1e-280):
        assert found[0, 0] == in_order(numbers)
