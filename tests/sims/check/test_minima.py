"""Minimizers that a check finds, and losses that have none; what a verdict needs."""

from types import SimpleNamespace

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.measured import Measured
from sims.check.case import Case
from sims.check.constants import UNKNOWN
from sims.check.derivation import constants_of
from sims.check.dynamics import rates_of
from sims.check.measurement import plan_of
from sims.check.minima import minimizer, search
from sims.check.problem import Problem
from sims.check.theorem import BROKEN, HOLDS, UNDECIDED, _judged
from sims.check.theorems import THEOREMS

X, Y = sympy.symbols("x y")

MULLER_BROWN = sum(
    height * sympy.exp(a * (X - x) ** 2 + b * (X - x) * (Y - y) + c * (Y - y) ** 2)
    for height, a, b, c, x, y in (
        (-200, -1, 0, -10, 1, 0),
        (-100, -1, 0, -10, 0, 0.5),
        (-170, -6.5, 11, -6.5, -0.5, 1.5),
        (15, 0.7, 0.6, 0.7, -1, 1),
    )
)
"""A potential of chemistry with three minima, of −147, −108 and −81."""


def loss_of(expression):
    return so.losses.from_sympy(expression, [X, Y] if expression.has(Y) else [X])


def test_the_deepest_of_several_minima_is_taken():
    found = search(loss_of(MULLER_BROWN), ((-1.5, 1.2), (-0.5, 2.0)))
    places = [[-0.558224, 1.441726], [0.623499, 0.028038], [-0.050011, 0.466694]]
    assert found.minima == pytest.approx(np.array(places), abs=1e-5)
    words = minimizer(loss_of(MULLER_BROWN), None, ((-1.5, 1.2), (-0.5, 2.0))).words
    assert words == "the deepest of 3 minima that 64 searches found in the box"


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_scale_of_a_loss_does_not_matter(scale):
    tilted = scale * (X**4 - 2 * X**2 + X / 4)
    assert minimizer(loss_of(tilted), None, ((-2.0, 2.0),)).value[0] == pytest.approx(
        -1.0299, abs=1e-3
    )
    # a box far from 1 in size
    wide = loss_of((X / 1e6) ** 4 - 2 * (X / 1e6) ** 2 + X / 4e6)
    assert minimizer(wide, None, ((-2e6, 2e6),)).value[0] == pytest.approx(-1.0299e6, rel=1e-3)


@pytest.mark.parametrize("expression", [X**4, X**6, X**4 + Y**6, X**4 + 1e6])
def test_a_flat_minimum_is_found_once(expression):
    loss = loss_of(expression)
    found = search(loss, ((-1.5, 1.0),) * loss.dim)
    assert len(found.minima) == 1
    assert np.abs(found.minima).max() < 0.01


def test_a_valley_is_called_one():
    words = minimizer(loss_of((X**2 + Y**2 - 1) ** 2), None, ((-1.5, 1.5),) * 2).words
    assert words.startswith("one place of a valley")


@pytest.mark.parametrize(
    ("expression", "width"),
    [(X**2 + 0 * Y, 3.1), (sympy.Piecewise((X**2, abs(X) > 0.5), (0.25, True)), 0.5)],
)
def test_a_flat_bottom_is_no_only_minimum(expression, width):
    loss = so.losses.from_sympy(expression, [X, Y] if width > 1 else [X])
    words = minimizer(loss, None, ((-2.0, 2.0),) * loss.dim).words
    assert "one place of a flat bottom, which 64 searches found" in words
    assert search(loss, ((-2.0, 2.0),) * loss.dim).width > 0.5 * width


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_a_minimum_is_found_where_squares_of_slopes_are_no_numbers(scale):
    found = minimizer(loss_of(scale * (X**4 + X**2)), None, ((-1.0, 1.0),))
    assert abs(found.value[0]) < 1e-6


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (1e300 * X**2, "curvature of the loss is 2e[+]300, whose square is no"),
        (1e200 * (X**4 + X**2), "curvature of the loss is 1.4e[+]201, whose square is no"),
        (sympy.Heaviside(X), "the gradient is the same at all 256 positions"),
    ],
)
def test_what_has_no_rates_is_refused_in_one_sentence(expression, words):
    with pytest.raises(InvalidArgumentError, match=words):
        rates_of(case_of(expression, ((-1.0, 1.0),)))


@pytest.mark.parametrize("expression", [abs(X), sympy.Max(X, -2 * X), abs(X) + abs(Y)])
def test_a_kink_has_a_rate_and_a_plan(expression):
    case = case_of(expression)
    # the time in which a drift of size 1 undoes what noise of variance 1 does
    assert 1 < plan_of(case, rates_of(case)).early < 1e5


def test_a_lower_edge_is_said():
    words = minimizer(loss_of(X**3 - X), None, ((-2.0, 2.0),)).words
    assert "only minimum" in words
    assert words.endswith("lower still at the edge of the box")


@pytest.mark.parametrize(
    ("expression", "box", "words"),
    [
        (-(X**2), ((-1.5, 1.5),), "no minimum inside the box"),
        (X, ((-1.5, 1.5),), "no minimum inside the box"),
        (X**2 + X**4, ((1.0, 2.0),), "no minimum inside the box"),
        (-(X**2), None, "falls without end"),
        (-(X**4) + Y, None, "falls without end"),
        (0 * X + 3 + sympy.Integer(0) * X, ((-1.0, 1.0),), "is 3 everywhere in the box"),
        (sympy.log(X), ((-2.0, -1.0),), "not a finite number at any"),
    ],
)
def test_a_loss_without_a_minimum_is_refused_in_one_sentence(expression, box, words):
    with pytest.raises(InvalidArgumentError, match=words) as refusal:
        minimizer(loss_of(expression), None, box)
    assert str(refusal.value).count(". ") == 0


def test_a_tail_that_falls_for_ever_is_no_minimum():
    found = minimizer(loss_of(sympy.exp(-X)), None)
    assert (found.value, found.origin) == (None, UNKNOWN)


def case_of(expression, box=None, noise=1.0, **changes):
    problem = Problem(
        loss_of(expression), so.QSGD(1.0), so.noise.Gaussian(noise), step_size=0.05, agents=4
    )
    return Case(problem, constants_of(problem, None, box))


def test_a_flat_minimum_has_a_rate_and_a_plan():
    case = case_of(X**4, ((-1.5, 1.5),))
    assert case.constants.value("strong_convexity") is None
    rates = rates_of(case)
    # at a temperature of 0.025 agents are about 0.4 from the minimum, where 12x² is about 2
    assert 0.05 < rates.slowest < 1
    assert plan_of(case, rates).steps < 50_000


def test_rates_too_far_apart_are_refused_in_one_sentence():
    case = case_of(sympy.Float(1e-12) * X**2)
    with pytest.raises(
        InvalidArgumentError, match=r"steps, as its slowest motion, with rate 2e-12"
    ):
        plan_of(case, rates_of(case))


def simulated(value, error, halves=None, zero=1e-9, excess=0.0):
    """Return what verdicts take of a simulation, and a measured spread."""
    parts = None if halves is None else [SimpleNamespace(quantity=lambda _, h=h: h) for h in halves]
    stationary = SimpleNamespace(halves=lambda: parts)
    simulation = SimpleNamespace(
        zero=zero,
        plan=SimpleNamespace(bias=0.0, excess=excess),
        rates=SimpleNamespace(fastest=1.0),
        stationary=stationary,
        case=None,
        box=None,
    )
    return Measured(np.array(value), np.array(error), np.array(1000.0)), simulation


def verdict_of(name, predicted, exact, found, simulation):
    return _judged(THEOREMS[name], predicted, exact, found, simulation)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.9, HOLDS), (0.99, UNDECIDED), (1.04, UNDECIDED), (1.049, UNDECIDED), (1.06, BROKEN)],
)
def test_broken_needs_five_standard_errors(value, verdict):
    assert verdict_of("lemma_3_1", 1.0, None, *simulated(value, 0.01))[0] == verdict


@pytest.mark.parametrize(("value", "verdict"), [(1.1, UNDECIDED), (1.2, BROKEN)])
def test_broken_needs_more_than_the_steps_add(value, verdict):
    found = simulated(value, 0.01, excess=0.1)
    assert verdict_of("lemma_3_1", 1.0, None, *found)[0] == verdict
    steps = simulated(value + 0.1, 0.01, excess=0.2)
    assert verdict_of("lemma_5_5", 1.0, None, *steps)[0] == verdict


def test_broken_needs_a_start_that_has_decayed():
    scatter = 0.01 * np.random.default_rng(0).normal(size=(2, 1000))
    falling = scatter + np.array([[1.4], [1.2]])
    verdict, words = verdict_of("lemma_3_1", 1.0, None, *simulated(1.3, 0.01, falling))
    assert verdict == UNDECIDED
    assert "left of the start" in words
    steady = scatter + 1.3
    assert verdict_of("lemma_3_1", 1.0, None, *simulated(1.3, 0.01, steady))[0] == BROKEN


def test_rounding_breaks_nothing():
    tiny = simulated(1e-21, 1e-23)
    for name in ("lemma_3_1", "lemma_5_5", "corollary_2_1"):
        assert verdict_of(name, 0.0, 0.0, *simulated(1e-21, 1e-23))[0] == HOLDS
    assert verdict_of("theorem_3_2", 0.0, 0.0, *tiny)[0] == HOLDS
    assert verdict_of("lemma_3_1", 0.0, 0.0, *simulated(1e-3, 1e-5))[0] == BROKEN
    assert verdict_of("lemma_5_5", 0.0, 0.0, *simulated(1e-3, 1e-5))[0] == BROKEN


def test_an_equality_is_broken_beyond_five_standard_errors():
    assert verdict_of("lemma_5_5", 1.0, 1.0, *simulated(1.01, 0.005))[0] == HOLDS
    assert verdict_of("lemma_5_5", 1.0, 1.0, *simulated(1.19, 0.04))[0] == UNDECIDED
    verdict, words = verdict_of("lemma_5_5", 1.0, 1.0, *simulated(1.3, 0.05))
    assert verdict == BROKEN
    assert not words.startswith(",")
    assert verdict_of("lemma_5_5", 1.0, 1.0, *simulated(np.nan, np.nan))[0] == UNDECIDED
