"""Noise of minibatches and noise added, against all draws and against the papers' numbers."""

import itertools
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import theory
from theory.core.expectation import Expectation
from theory.proofs.relation import AssumptionError
from theory.proofs.result import Result
from theory.results import decaying_noise_steps as decaying

MINIBATCH = theory.load("minibatch_noise")
LARGE = theory.load("large_batch_noise_scale")
RESTORED = theory.load("large_batch_restored_noise")
gradients = st.lists(st.fractions(-3, 3, max_denominator=4), min_size=2, max_size=4)


def variance(values: Iterable[Fraction]) -> Fraction:
    entries = list(values)
    mean = sum(entries, Fraction(0)) / len(entries)
    return sum(((entry - mean) ** 2 for entry in entries), Fraction(0)) / len(entries)


@given(gradients, st.integers(1, 4))
def test_all_draws_scatter_as_proved(examples: list[Fraction], size: int) -> None:
    """Every ordered draw is as likely as every other: exact fractions, in one dimension."""
    number = len(examples)
    size = min(size, number)
    spread = variance(examples)
    draws = {
        "with replacement": itertools.product(examples, repeat=size),
        "without replacement": itertools.permutations(examples, size),
    }
    for name, batches in draws.items():
        scatter = variance(sum(batch, Fraction(0)) / size for batch in batches)
        factor = MINIBATCH.evaluate(name, examples=number, batch_size=size)
        assert float(scatter) == pytest.approx(float(spread) * factor, abs=1e-12)


def test_limits_of_a_minibatch() -> None:
    assert MINIBATCH.bound(examples=50, batch_size=50) == 0.0
    assert MINIBATCH.bound(examples=50, batch_size=1) == pytest.approx(1.0)
    assert MINIBATCH.bound(examples=10**9, batch_size=7) == pytest.approx(1 / 7)
    sizes = np.arange(1, 51)
    assert (np.diff(MINIBATCH.bound(examples=50, batch_size=sizes)) < 0.0).all()


@pytest.mark.parametrize("result", [MINIBATCH, LARGE], ids=lambda result: result.name)
def test_a_batch_is_no_larger_than_the_set(result: Result) -> None:
    more = {"step_size": 0.1} if "step_size" in result.parameters else {}
    with pytest.raises(AssumptionError, match="batch_size = 11"):
        result.bound(examples=10, batch_size=11, **more)


def test_the_noise_scales_of_the_paper() -> None:
    """Sec. 1: N = 60000 has g = 937 ε at B = 64 (936.5, rounded) and g = ε at B = 30000."""
    assert LARGE.bound(step_size=1.0, examples=60_000, batch_size=64) == 936.5
    assert LARGE.bound(step_size=1.0, examples=60_000, batch_size=30_000) == 1.0
    assert LARGE.bound(step_size=0.3, examples=9, batch_size=9) == 0.0


@given(st.floats(0.01, 1.0), st.integers(2, 100))
def test_the_noise_scale_is_that_of_the_covariance(rate: float, number: int) -> None:
    """g / (N − 1) is η times the factor of a minibatch."""
    size = max(1, number // 3)
    scale = LARGE.bound(step_size=rate, examples=number, batch_size=size)
    factor = MINIBATCH.bound(examples=number, batch_size=size)
    assert scale / (number - 1) == pytest.approx(rate * factor)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 9), st.floats(0.0, 10.0))
def test_noise_added_restores_the_trace(wanted: int, more: int, n: int, trace: float) -> None:
    size = wanted + more
    added = _restoring(wanted, size, n, trace)
    assert trace / size + n * added == pytest.approx(trace / wanted)
    assert added >= 0.0


def _restoring(wanted: int, size: int, n: int, trace: float) -> float:
    names = {"wanted_batch_size": wanted, "batch_size": size, "dimension": n, "noise_trace": trace}
    return float(RESTORED.bound(**names))


def test_no_noise_can_be_taken_away() -> None:
    assert _restoring(8, 8, 3, 2.0) == 0.0
    with pytest.raises(AssumptionError, match="a larger batch"):
        _restoring(9, 8, 3, 2.0)


def test_decaying_noise_stays_within_its_bounds() -> None:
    """The statements at numbers, against the recursion of the variance, computed."""
    eta, alpha, gamma, past, share = 0.1, 0.3, 0.55, 20, 0.5
    sizes = alpha * (past + np.arange(201.0)) ** -gamma
    spread = [np.nan, 0.02]
    for t in range(1, 200):
        spread.append(share**2 * spread[t] + eta**2 * sizes[t] ** 2)
    ratio = ((past + 1) / (past + 2)) ** (2 * gamma)
    numbers = {
        decaying.eta: eta,
        decaying.r: share,
        decaying.noise_ratio: ratio,
        Expectation(decaying.x[1]): 0.0,
        Expectation(decaying.x[1] ** 2): spread[1],
    }
    gaps = []
    for t in (1, 2, 5, 30, 200):
        given = {**numbers, decaying.size[t]: sizes[t], decaying.size[1]: sizes[1]}
        least, most = (float(bound(t).subs(given)) for bound in (decaying.lower, decaying.upper))
        assert least <= spread[t] * (1 + 1e-12)
        assert spread[t] <= most * (1 + 1e-12)
        gaps.append(most / least)
    # what is left in the end is a ratio of (1 − c)/(ρ − c)
    assert gaps[-1] == pytest.approx((1 - share**2) / (ratio - share**2), rel=1e-6)
