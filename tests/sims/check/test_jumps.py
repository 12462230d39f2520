"""Losses with kinks and jumps: they are found, and no theorem about smooth losses is applied."""

import pytest
import sympy

import sdeopt as so
from sims.check import check
from sims.check.derivation import constants_of
from sims.check.jumps import jump_of
from sims.check.problem import Problem

x, y = sympy.symbols("x y")


def loss_of(expression):
    return so.losses.from_sympy(expression, sorted(expression.free_symbols, key=str))


KINKS = {
    "a kink": (x**2 + sympy.Abs(x), "the gradient jumps, by 2 near x = (0)"),
    "a small kink beside steep slopes": (x**4 + sympy.Abs(x - 1) / 1000, "jumps, by 0.002 near x = (1)"),
    "a kink inwards": (x**4 - sympy.Abs(x), "the gradient jumps, by 2"),
    "a ramp": (x**2 + sympy.Heaviside(x - 1) * (x - 1), "the gradient jumps, by 1 near x = (1)"),
    "a kink along a line": (sympy.Max(x, -2 * x) + y**2, "the gradient jumps, by 3 near x = (0, "),
    "a step": (x**2 + sympy.sign(x - 1), "the loss itself jumps, by 2 near x = (1)"),
}  # fmt: skip
SMOOTH = {
    "a cube": x**2 + sympy.Abs(x) ** 3,
    "two pieces that fit": sympy.Piecewise((x**2, x < 1), (2 * x - 1, True)),
    "a steep but smooth turn": x**2 + sympy.Abs(x) * sympy.tanh(1000 * x),
}


@pytest.mark.parametrize(("expression", "words"), KINKS.values(), ids=KINKS)
def test_a_jump_is_found(expression, words):
    loss = loss_of(expression)
    assert words in str(jump_of(loss, ((-2.0, 2.0),) * loss.dim))
    assert words in str(jump_of(loss, None))


@pytest.mark.parametrize("expression", SMOOTH.values(), ids=SMOOTH)
def test_none_is_found_where_none_is(expression):
    assert jump_of(loss_of(expression), ((-2.0, 2.0),)) is None


def test_a_users_function_is_looked_at_too():
    def gradient(x):
        return 2.0 * x + (1.0 if x > 0.3 else 0.0)

    loss = so.losses.from_functions(lambda x: x * x + max(x - 0.3, 0.0), gradient)
    assert "by 1 near x = (0.3)" in str(jump_of(loss, ((-1.0, 1.0),)))


def test_what_is_given_stands_and_the_rest_is_unknown():
    problem = Problem(loss_of(x**2 + sympy.Abs(x)), so.QSGD(1.0), so.noise.Gaussian(1.0), 0.05, 4)
    constants = constants_of(problem, {"l": 2.0}, ((-2.0, 2.0),))
    assert constants.value("strong_convexity") == 2.0
    for name in ("smoothness", "negative_curvature", "gradient_curvature"):
        assert constants.value(name) is None
        assert "the gradient jumps" in constants.entries[name].words
    assert constants.minimum == pytest.approx([0.0], abs=1e-6)  # where the gradient does not vanish


def test_a_report_says_which_theorems_do_not_apply():
    report = check(
        loss_of(x**2 + sympy.Abs(x)), so.QSGD(1.0), noise=so.noise.Gaussian(1.0), step_size=0.05,
        agents=2, replicas=30, window=1.0, box=[-2, 2], progress=False,
    )  # fmt: skip
    assert not any(row.applies for row in report.rows)
    note = next(note for note in report.notes if "jumps" in note)
    assert note.endswith("so none that needs one of l, L, λ̄, Q applies.")
