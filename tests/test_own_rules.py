"""Rules of users' own: any arithmetic, the same numbers as in numpy, and errors that name the line."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import sdeopt as so
from sdeopt.algorithms import Coupled

FILE = Path(__file__).parent.parent / "examples" / "own_rules.py"
AGENTS, STEPS, STEP_SIZE, K = 3, 12, 0.05, 0.7
LOSS = so.losses.Quadratic([[2.0, 0.5], [0.5, 1.0]])


def imported(name, path):
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


own_rules = imported("own_rules", FILE)


def starts():
    return np.random.default_rng(5).uniform(-2.0, 2.0, (AGENTS, 2))


def noise():
    return np.random.default_rng(6).normal(size=(STEPS, 1, AGENTS, 2))


def simulated(algorithm):
    run = so.simulate(
        LOSS, algorithm, noise=so.noise.Gaussian(1.0), agents=AGENTS, steps=STEPS,
        step_size=STEP_SIZE, start=so.start.Point(starts()), increments=noise(),
    )  # fmt: skip
    return run["agents"].values[0]


def expected(step):
    """Iterate ``step(t, x, gradient + ζ, pull)`` in numpy; the noise is in the gradient."""
    x = starts()
    for t in range(STEPS):
        x = step(t, x, LOSS.gradient(x), noise()[t, 0], K * (x.mean(axis=0) - x))
    return x


def test_clipped_gradients():
    def step(t, x, gradient, zeta, pull):
        return x - STEP_SIZE * (np.clip(gradient, -0.4, 0.4) + zeta - pull)

    np.testing.assert_allclose(simulated(own_rules.Clipped(K, 0.4)), expected(step), atol=1e-12)


def test_sign_descent():
    def step(t, x, gradient, zeta, pull):
        return x - STEP_SIZE * (np.sign(gradient + zeta) - pull)

    np.testing.assert_allclose(simulated(own_rules.Signs(K)), expected(step), atol=1e-12)


def test_adam_with_coupling():
    first, second = np.zeros((AGENTS, 2)), np.zeros((AGENTS, 2))

    def step(t, x, gradient, zeta, pull):
        first[:] = 0.9 * first + 0.1 * (gradient + zeta)
        second[:] = 0.999 * second + 0.001 * (gradient + zeta) ** 2
        return x - STEP_SIZE * (first / (np.sqrt(second) + 1e-8) - pull)

    np.testing.assert_allclose(simulated(own_rules.CoupledAdam(K)), expected(step), atol=1e-11)


def test_lookahead():
    slow = starts()

    def step(t, x, gradient, zeta, pull):
        fast = x - STEP_SIZE * (gradient + zeta - pull)
        if (t + 1) % 5:
            return fast
        slow[:] = slow + 0.5 * (fast - slow)
        return slow.copy()

    np.testing.assert_allclose(simulated(own_rules.Lookahead(K)), expected(step), atol=1e-12)


def test_a_quorum_with_a_filter_of_its_own():
    quorum = starts().mean(axis=0)
    x = starts()
    for t in range(STEPS):
        rate = np.tanh(3.0 * (x.mean(axis=0) - quorum))
        x = x - STEP_SIZE * (LOSS.gradient(x) + noise()[t, 0] - (quorum - x))
        quorum = quorum + STEP_SIZE * rate
    np.testing.assert_allclose(simulated(own_rules.SATURATED), x, atol=1e-12)


WRONG = """
import numpy as np


def step(x, gradient, step_size, coupling):
    whole = x - step_size * gradient
    {line}
    return {returned}
"""


@pytest.mark.parametrize(
    ("line", "returned", "words"),
    [
        (
            "size = np.linalg.norm([x])",
            "size",
            "line 7 of wrong_0.py, `size = np.linalg.norm",
        ),
        ("size = print_it(x)", "size", "line 7 of wrong_1.py, `size = print_it(x)`"),
        (
            "size = 1.0",
            "x, size",
            "line 5 of wrong_2.py, cannot be compiled: it must return the new x;",
        ),
    ],
)
def test_an_error_names_the_line(tmp_path, line, returned, words):
    name = f"wrong_{words.partition('wrong_')[2][0]}"
    path = tmp_path / f"{name}.py"
    path.write_text(WRONG.format(line=line, returned=returned))
    imported(name, path)

    class Wrong(Coupled):
        rules = {"step": (name, "step")}  # noqa: RUF012

    with pytest.raises(so.errors.InvalidArgumentError) as caught:
        simulated(Wrong(K))
    assert words in str(caught.value)
    assert "numba" not in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def plain(x, gradient, step_size):
    return x - step_size * gradient


SCHEDULE = so.schedules.Constant(1.0)
HERE = __name__


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"stp": (HERE, "plain")}, "no rule of Mine called 'stp'; did you mean 'step'"),
        ({"step": (HERE, "plian")}, "for the rule step of Mine .* 'plian'; did you mean 'plain'"),
        ({"weights": (HERE, "nosuch")}, "no function for the rule weights of Mine"),
        ({"step": ("no_such_module", "plain")}, "no_such_module, which cannot be imported"),
        (
            {"step": plain},
            "the rule step of Mine is .*, but must be the names of a module and of a",
        ),
        ({"step": "plain"}, "the rule step of Mine is 'plain', but must be the names"),
        ({"step": ("", "plain")}, "but must be the names"),
        ("step", "rules of Mine is 'step', but must be a dictionary"),
    ],
)
def test_rules_that_there_are_not_are_refused(rules, words):
    mine = type("Mine", (Coupled,), {"rules": rules})
    with pytest.raises(so.errors.InvalidArgumentError, match=words) as caught:
        simulated(mine(K))
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (
            {f"n{i}": SCHEDULE for i in range(4)},
            "returned n0, n1, n2, n3, but .* at most 3 besides",
        ),
        ({"coupling": 1.0}, "returned 1.0 for coupling, but must return schedules"),
        (1.0, "returned 1.0, but must return a dictionary of schedules"),
    ],
)
def test_schedules_that_a_rule_cannot_receive_are_refused(returned, words):
    class Mine(Coupled):
        rules = {"step": (HERE, "plain")}  # noqa: RUF012

        def schedules(self, agents):
            return returned

    with pytest.raises(so.errors.InvalidArgumentError, match=f"schedules of Mine {words}"):
        simulated(Mine(K))


def test_three_schedules_besides_the_coupling_are_received():
    class Mine(Coupled):
        rules = {"step": (HERE, "plain")}  # noqa: RUF012

        def schedules(self, agents):
            return super().schedules(agents) | {f"n{i}": SCHEDULE for i in range(3)}

    assert np.isfinite(simulated(Mine(K))).all()
