"""Where the constants of a check come from, and what becomes of losses to which no bound applies."""

import math

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.run_files.objects import named_object
from sims.check import check, derivation
from sims.check.case import Case, InapplicableError
from sims.check.constants import ESTIMATED, EXACT, GIVEN, PROVED, UNKNOWN, given_constants
from sims.check.derivation import constants_of
from sims.check.estimation import constant_covariance, curvatures_on, hessians
from sims.check.problem import Problem
from sims.check.reading import stated_constants
from sims.check.theorem import HOLDS
from sims.check.theorems import THEOREMS

NOISE = so.noise.Gaussian(1.0)
X, Y = sympy.symbols("x y", real=True)


def constants(loss, noise=NOISE, **given):
    return constants_of(Problem(loss, so.QSGD(1.0), noise, step_size=0.1, agents=2), **given)


def origins(found):
    return {entry.letter: entry.origin for entry in found.entries.values()}


def test_a_loss_of_ours_knows_its_constants():
    found = constants(so.losses.QuadraticLogCosh(2, width=0.5))
    assert set(origins(found).values()) == {EXACT}
    assert found.value("strong_convexity") == 1.0
    assert found.value("noise_bound") == 2.0


def test_a_quadratic_formula_is_exact():
    found = constants(so.losses.from_sympy((X - Y) ** 2 + Y**2 - X, [X, Y]))
    assert set(origins(found).values()) == {EXACT}
    assert found.value("strong_convexity") == pytest.approx(3 - np.sqrt(5))
    assert found.minimum == pytest.approx([1.0, 0.5])
    assert found.value("gradient_curvature") == 0.0


def test_a_formula_is_proved_on_its_box():
    loss = so.losses.from_sympy(X**2 + X**4 / 4 + Y**2 + X * Y / 2, [X, Y])
    found = constants(loss, box=((-1.0, 1.0), (-1.0, 1.0)))
    kinds = origins(found)
    assert [kinds[letter] for letter in ("l", "L", "λ̄", "Q")] == [PROVED] * 4
    # The Hessian is [[2 + 3x², ½], [½, 2]]: least at x = 0, largest at |x| = 1, and f_xxx = 6x.
    largest = np.linalg.eigvalsh([[5.0, 0.5], [0.5, 2.0]])[-1]
    for name, exact in (("smoothness", largest), ("gradient_curvature", 6.0)):
        assert exact <= found.value(name) <= exact * 1.001
    assert 1.5 * 0.999 <= found.value("strong_convexity") <= 1.5


def test_a_function_is_estimated_on_its_box():
    loss = so.losses.from_functions(
        lambda x: x * x + so.math.cos(x), lambda x: 2.0 * x - so.math.sin(x)
    )
    found = constants(loss, box=((-4.0, 4.0),))
    kinds = origins(found)
    assert [kinds[letter] for letter in ("l", "L", "λ̄", "Q")] == [ESTIMATED] * 4
    assert found.value("strong_convexity") == pytest.approx(1.0, abs=1e-4)
    assert found.value("smoothness") == pytest.approx(3.0, abs=1e-4)
    assert found.value("gradient_curvature") == pytest.approx(1.0, abs=1e-4)
    assert set(origins(constants(loss)).values()) == {UNKNOWN, EXACT}


def test_what_is_given_wins():
    found = constants(so.losses.Quadratic(2.0), given={"l": 1.0, "C": 5.0, "minimum": [0.5]})
    assert origins(found)["l"] == origins(found)["C"] == origins(found)["x*"] == GIVEN
    assert found.value("noise_bound") == 5.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"M": 1.0}, "there is no constant 'M'"),
        ({"l": -1.0}, "must be a finite number of at least 0"),
        ({"l": 3.0, "L": 2.0}, "l cannot be above L"),
        ({"minimum": [1.0, 2.0]}, "has 2 coordinates"),
    ],
)
def test_wrong_constants_are_refused(given, words):
    with pytest.raises(InvalidArgumentError, match=words):
        constants(so.losses.Quadratic(2.0), given=given)


def test_noise_that_depends_on_x_is_sampled_in_the_box():
    law = so.noise.StateDependent(lambda x: 1.0 + x * x)
    loss = so.losses.Quadratic(1.0)
    found = constants(loss, law, box=((-1.0, 2.0),))
    assert found.entries["noise_bound"].origin == ESTIMATED
    assert found.value("noise_bound") == pytest.approx(25.0, rel=1e-4)
    assert constants(loss, law).entries["noise_bound"].origin == UNKNOWN


def test_a_minimum_is_found_where_it_has_no_formula():
    loss = so.losses.from_sympy(sympy.exp(X) + X**2, [X])
    found = constants(loss, box=((-2.0, 2.0),))
    x = float(found.minimum[0])
    assert found.entries["minimum"].origin == ESTIMATED
    assert np.exp(x) + 2 * x == pytest.approx(0.0, abs=1e-9)
    assert "no farther away" in found.entries["minimum"].words


def test_a_given_whole_number_is_a_number():
    found = given_constants({"l": 1, "minimum": 0.0}, dim=1)
    assert found["strong_convexity"].value == 1.0
    assert str(found["strong_convexity"]) == "l = 1 (given)"


def test_what_is_proved_on_a_box_encloses_what_is_there():
    # the field x³ has the slope 3x², from 3 to 12
    low, high = curvatures_on([X**3], [X], ((1.0, 2.0),), (3.0, 12.0))
    assert 2.99 < low <= 3
    assert 12 <= high < 12.01


def test_third_derivatives_are_not_enclosed_where_second_are_not(monkeypatch):
    """On Müller and Brown's potential that search, which ends without, was an eighth of a check."""

    def unexpected(*_):
        raise AssertionError("the third derivatives were tried")

    monkeypatch.setattr(derivation, "curvatures_on", lambda *_: None)
    monkeypatch.setattr(derivation, "gradient_curvature_on", unexpected)
    found = constants(so.losses.from_sympy(sympy.cosh(X), [X]), box=((-1.0, 1.0),))
    assert origins(found)["Q"] == origins(found)["L"] == ESTIMATED


def test_second_derivatives_by_differences():
    matrix = [[2.0, 1.0], [1.0, 2.0]]
    (found,) = hessians(so.losses.Quadratic(matrix), np.zeros((1, 2)))
    assert found == pytest.approx(np.array(matrix), abs=1e-6)


def test_the_covariance_of_uniform_noise():
    problem = Problem(so.losses.Quadratic(1.0), so.SGD(), so.noise.Uniform(3.0), step_size=0.1)
    assert constant_covariance(problem) == pytest.approx(np.array([[3.0]]))


def test_text_names_constants_and_objects():
    assert stated_constants(["l=1,L=4", "Q=0.5"]) == {"l": 1.0, "L": 4.0, "Q": 0.5}
    assert named_object("math:pi") == math.pi


@pytest.mark.statistical
def test_a_double_well_synchronizes_and_nothing_else_is_said():
    # Null: Lemma 3.1 with λ̄ = κ. Both wells are far from the hill, where agents are nearer.
    found = check(
        so.losses.DoubleWell(), so.QSGD(3.0), noise=NOISE, step_size=0.1, agents=3, replicas=100,
        seed=1, progress=False,
    )  # fmt: skip
    assert found.row("lemma_3_1").verdict == HOLDS
    assert found.row("theorem_5_1").why.startswith("Q is not known")
    assert found.row("theorem_5_1").measured > 0
    assert any("No rate is proved" in note for note in found.notes)
    with pytest.raises(InvalidArgumentError, match=r"no row of the check called \[\]"):
        found.row([])


def test_where_no_bound_applies_it_is_still_measured():
    found = check(
        so.losses.RuggedWell(), so.QSGD(8.0), noise=so.noise.Uniform(7.0), step_size=0.04, agents=3,
        replicas=50, window=1.0, progress=False,
    )  # fmt: skip
    assert not any(row.applies for row in found.rows)
    assert "coupling exceeds curvature" in found.row("lemma_3_1").why
    assert found.row("lemma_3_1").measured > 0
    assert found.notes[0].startswith("No bound applies here")


def test_damping_that_no_metric_can_use_is_said():
    loss, algorithm = so.losses.QuadraticLogCosh(), so.ContinuousMomentum(9.0, damping=0.5)
    problem = Problem(loss, algorithm, NOISE, step_size=0.1, agents=2)
    with pytest.raises(InapplicableError, match="and not positive"):
        THEOREMS["lemma_5_3"].prediction(Case(problem, constants_of(problem)))


def test_a_sum_over_data_is_not_taken_apart():
    data = np.random.default_rng(0).normal(size=(50, 3))
    loss = so.losses.LogisticRegression(data, np.sign(data[:, 0]), 0.1)
    problem = Problem(loss, so.SGD(), so.noise.Minibatch(8), step_size=0.1)
    found = constants_of(problem)
    assert problem.discrete
    assert origins(found)["l"] == EXACT
    assert origins(found)["C"] == UNKNOWN
    assert "give it" in found.entries["noise_bound"].words


def test_an_iteration_beyond_its_border_is_refused():
    loss = so.losses.Quadratic(1.0)
    words = "not stable at the minimum.*coupling = 30"
    with pytest.raises(InvalidArgumentError, match=words):
        check(loss, so.QSGD(30.0), noise=NOISE, step_size=0.1, agents=2, clock=so.clock.Iteration())


def test_the_sde_beyond_the_border_is_measured_with_a_note():
    found = check(
        so.losses.Quadratic(1.0), so.QSGD(30.0), noise=NOISE, step_size=0.1, agents=2,
        replicas=50, progress=False,
    )  # fmt: skip
    assert any("diverges: ηk = 3 is not below the border 1.9" in note for note in found.notes)
    assert found.row("lemma_3_1").applies


def test_the_iteration_is_measured_and_nothing_is_claimed():
    found = check(
        so.losses.Quadratic(1.0), so.QSGD(1.0), noise=so.noise.Uniform(1.0), step_size=0.1, agents=2,
        replicas=2000, clock=so.clock.Iteration(), progress=False,
    )  # fmt: skip
    row = found.row("lemma_3_1")
    assert row.why == "it is about the SDE; what was measured is the iteration"
    assert row.lower <= row.exact <= row.upper
    assert found.row("qsgd_stability").verdict == HOLDS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"replicas": 5}, "at least 30"),
        ({"noise": None}, "noise is None"),
        ({"box": [1.0, -1.0]}, "low < high"),
        ({"algorithm": so.QSGD(so.schedules.Ramp(0, 1, over=9))}, "changes in time"),
        ({"noise": so.noise.Gaussian(1.0, enters="update")}, "enters the update"),
        ({"noise": so.noise.StudentT(2.0)}, "no finite moment"),
        ({"step_size": 0.0}, "step_size is 0.0"),
    ],
)
def test_a_setting_that_no_bound_is_about_is_refused(changes, words):
    usual = {"loss": so.losses.Quadratic(1.0), "algorithm": so.QSGD(1.0), "noise": NOISE}
    with pytest.raises(InvalidArgumentError, match=words):
        check(**(usual | {"step_size": 0.1, "agents": 2} | changes))
