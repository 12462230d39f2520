"""Smoothing identities on f = x³, in fractions: its gradient's curvature is 6 at every point."""

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import theory

CURVATURE = 6
numbers = st.fractions(-2, 2, max_denominator=4)
rates = st.fractions(Fraction(1, 50), Fraction(1, 2), max_denominator=50)


def slope(x: Fraction) -> Fraction:
    return 3 * x**2


def auxiliary(x: Fraction, rate: Fraction) -> Fraction:
    return x - rate * slope(x)


def smoothed_slope(y: Fraction, variance: Fraction) -> Fraction:
    """Return d/dy E (y − s ζ)³ for E ζ = 0, E (s ζ)² given."""
    return 3 * y**2 + 3 * variance


@given(numbers, rates, numbers)
def test_sgd_descends_the_smoothed_loss(x: Fraction, rate: Fraction, noise: Fraction) -> None:
    """b = 1, ζ = ± the noise drawn."""
    y = auxiliary(x, rate)
    outcomes = [auxiliary(y - rate * sign * noise, rate) for sign in (1, -1)]
    assert sum(outcomes) / 2 == y - rate * smoothed_slope(y, (rate * noise) ** 2)


@given(st.lists(numbers, min_size=1, max_size=4), rates, numbers, numbers)
def test_coupled_agents_descend_a_less_smoothed_loss(
    agents: list[Fraction], rate: Fraction, noise: Fraction, coupling: Fraction
) -> None:
    """Both the exact form and the first order of eq. (39); the remainder is attained."""
    p = len(agents)
    mean = sum(agents) / p
    y = auxiliary(mean, rate)
    epsilon = slope(mean) - sum(slope(x) for x in agents) / p
    total = Fraction(0)
    for signs in itertools.product((1, -1), repeat=p):
        moved = [
            x - rate * (slope(x) + sign * noise) + rate * coupling * (mean - x)
            for x, sign in zip(agents, signs, strict=True)
        ]
        total += auxiliary(sum(moved) / p, rate) / 2**p
    variance = (rate * noise) ** 2 / p
    shifted = y + rate * epsilon
    assert total == shifted - rate * smoothed_slope(shifted, variance)
    hessian = 6 * y
    first_order = y - rate * smoothed_slope(y, variance) + rate * (1 - rate * hessian) * epsilon
    rest = Fraction(CURVATURE, 2) * rate**3 * epsilon**2
    assert total == first_order - rest


def test_averaging_takes_a_root_off_the_scale() -> None:
    alone = theory.load("smoothing_38").bound(step_size=0.1, batch_size=4)
    many = theory.load("smoothing_39").bound(step_size=0.1, batch_size=4, agents=[1, 4, 100])
    assert (many * [1.0, 2.0, 10.0]).tolist() == [alone] * 3
