"""Losses convolved with noise: closed forms against each other and against quadrature."""

import math
import warnings

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.closed_form import expectation
from sdeopt.losses.convolution import ConvolvedLoss, convolved_by_quadrature, symmetric_factors
from sdeopt.losses.sympy_loss import SympyLoss

X, Y = sympy.symbols("x y")
SCALE = 0.2

LAWS = [so.noise.Uniform(3.0), so.noise.Gaussian(1.0), so.noise.Rademacher(0.7)]
WITH_OWN_FORM = {
    "rugged": so.losses.RuggedWell(),
    "coupled": so.losses.CoupledWells(2),
    "coupled_3": so.losses.CoupledWells(3),
    "double_well": so.losses.DoubleWell(2, 2.0, 1.0, 0.3),
    "quadratic": so.losses.Quadratic([[2.0, 1.0], [1.0, 3.0]], [1.0, 2.0]),
}


class Skewed(so.noise.NoiseLaw):
    """Exponential minus nothing: a law that is not symmetric, ζ ~ Exp(1)."""

    def raw_moment(self, order):
        return float(math.factorial(order))

    def characteristic(self, argument):
        return 1 / (1 - sympy.I * argument)

    def quadrature(self, points):
        return np.polynomial.laguerre.laggauss(points)


def points(dim):
    return np.random.default_rng(6).normal(size=(7, dim))


def assert_same(one, other, tolerance):
    x = points(one.dim)
    np.testing.assert_allclose(one.value(x), other.value(x), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(one.gradient(x), other.gradient(x), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("name", WITH_OWN_FORM)
def test_own_closed_forms_are_those_of_sympy(name, law):
    loss = WITH_OWN_FORM[name]
    smooth = loss.convolved(law, SCALE)
    assert isinstance(smooth, type(loss))
    general = so.losses.Loss.convolved(loss, law, SCALE)
    assert isinstance(general, SympyLoss)
    assert_same(smooth, general, 1e-12)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("name", WITH_OWN_FORM)
def test_closed_forms_are_what_quadrature_gives(name, law):
    loss = WITH_OWN_FORM[name]
    by_hand = convolved_by_quadrature(loss, law, SCALE, {1: 128, 2: 48, 3: 28}[loss.dim])
    assert_same(loss.convolved(law, SCALE), by_hand, 1e-8)


EXPRESSIONS = [
    X**5 * sympy.sin(2 * X) ** 2 + 3,
    sympy.exp(X / 2) * sympy.cos(3 * X) * X,
    sympy.cosh(X) ** 2 - X * sympy.sinh(X),
    sympy.cos(X + 1) ** 3 + sympy.sqrt(2) * X,
    sympy.exp(sympy.sin(1) * X + 1),
]


def by_quadrature(expression, symbols, law, at, count=64):
    """The same expectation by numpy alone."""
    nodes, weights = law.quadrature(count)
    grids = np.meshgrid(*[nodes] * len(symbols), indexing="ij")
    together = np.prod(np.meshgrid(*[weights] * len(symbols), indexing="ij"), axis=0)
    shifted = [x - SCALE * grid for x, grid in zip(at, grids, strict=True)]
    return (together * sympy.lambdify(symbols, expression)(*shifted)).sum()


@pytest.mark.parametrize("law", [*LAWS, Skewed()], ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_sums_of_monomials_and_waves(expression, law):
    smooth = expectation(expression, (X,), law, SCALE)
    for at in points(1)[:, 0]:
        expected = by_quadrature(expression, (X,), law, (at,))
        assert float(smooth.subs(X, at)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_shifted_power_is_not_multiplied_out():
    # E (u − sζ)⁴ = u⁴ + 6 s² E ζ² u² + s⁴ E ζ⁴, with u = x − 1000
    smooth = so.losses.from_sympy((X - 1000) ** 4, X).convolved(so.noise.Gaussian(1.0), 1e-3)
    at = 1000.001
    u = at - 1000.0
    expected = u**4 + 6e-6 * u**2 + 3e-12
    assert float(smooth.value([at])) == pytest.approx(expected, rel=1e-13)
    assert smooth.gradient([at])[0] == pytest.approx(4 * u**3 + 12e-6 * u, rel=1e-13)


def test_a_shifted_power_keeps_its_digits_under_noise_that_is_not_symmetric():
    # E (u − sζ)² = u² − 2 s u + 2 s² for ζ of mean 1 and second moment 2
    smooth = so.losses.from_sympy((X - 1000.1) ** 2, X).convolved(Skewed(), 1e-3)
    u = 1000.101 - 1000.1
    expected = u**2 - 2e-3 * u + 2e-6
    assert float(smooth.value([1000.101])) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("shift", [X - 1000, 3 * X - 3000])
def test_shifted_exponentials_do_not_overflow(shift):
    smooth = so.losses.from_sympy(sympy.cosh(shift), X).convolved(so.noise.Gaussian(1.0), 0.1)
    rate = float(sympy.diff(shift, X))
    expected = math.exp(0.5 * (0.1 * rate) ** 2) * math.cosh(rate * 0.5)
    assert float(smooth.value([1000.5])) == pytest.approx(expected, rel=1e-12)


def test_a_large_power_of_a_sum_is_not_multiplied_out():
    assert expectation((X + 2 * Y) ** 5000, (X, Y), so.noise.Gaussian(1.0), 0.1) is None


def test_two_coordinates_are_averaged_independently():
    expression = X**2 * Y**3 * sympy.cos(X - 2 * Y)
    smooth = expectation(expression, (X, Y), LAWS[0], SCALE)
    expected = by_quadrature(expression, (X, Y), LAWS[0], (0.3, -1.2))
    assert float(smooth.subs({X: 0.3, Y: -1.2})) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("name", ["rugged", "double_well", "quadratic"])
def test_a_law_that_is_not_symmetric(name):
    loss = WITH_OWN_FORM[name]
    smooth = loss.convolved(Skewed(), 0.05)
    assert_same(smooth, convolved_by_quadrature(loss, Skewed(), 0.05, 40), 1e-8)


@pytest.mark.parametrize(
    "loss",
    [
        so.losses.QuadraticLogCosh(1, width=0.5),
        so.losses.from_sympy(sympy.exp(-(X**2)), X),
        so.losses.from_sympy(1 / (1 + X**2), X),
        so.losses.from_functions(lambda x: so.math.cos(x), lambda x: -so.math.sin(x)),
        so.losses.LogisticRegression([[1.0], [2.0]], [1, -1]),
    ],
    ids=lambda loss: loss.name,
)
def test_quadrature_where_there_is_no_closed_form(loss):
    smooth = loss.convolved(so.noise.Uniform(1.0), 0.5)
    assert isinstance(smooth, ConvolvedLoss)
    noise = np.linspace(-0.5, 0.5, 20001)
    expected = np.trapezoid(loss.value((0.3 - noise)[:, None]), noise)
    assert float(smooth.value([0.3])) == pytest.approx(expected, abs=1e-8)
    so.losses.gradient_check(smooth)


def test_heavy_tails_go_by_quadrature():
    smooth = so.losses.RuggedWell().convolved(so.noise.StudentT(9.0), 0.1)
    assert isinstance(smooth, ConvolvedLoss)
    with pytest.raises(InvalidArgumentError, match="no finite moment of order 4"):
        so.losses.RuggedWell().convolved(so.noise.StudentT(3.0), 0.1)


def test_polynomials_need_moments_only():
    smooth = so.losses.Rosenbrock().convolved(so.noise.StudentT(9.0), 0.1)
    assert isinstance(smooth, SympyLoss)


def test_no_noise_changes_nothing():
    loss = so.losses.RuggedWell()
    x = points(1)
    for smooth in (
        loss.convolved(so.noise.Uniform(3.0), 0.0),
        loss.convolved(so.noise.Uniform(0.0)),
        so.losses.Loss.convolved(loss, so.noise.Uniform(0.0)),
        so.losses.Loss.convolved(loss, so.noise.Gaussian(1.0), 0.0),
    ):
        np.testing.assert_allclose(smooth.value(x), loss.value(x), rtol=1e-14)


def test_too_many_coordinates_for_quadrature_are_refused():
    with pytest.raises(InvalidArgumentError, match="up to 3 coordinates, not 4"):
        so.losses.QuadraticLogCosh(4).convolved(so.noise.Uniform(1.0))


@pytest.mark.parametrize("law", [so.noise.Minibatch(2), so.noise.Gaussian(covariance=np.eye(1))])
def test_laws_without_one_coordinate_law_are_refused(law):
    with pytest.raises(InvalidArgumentError):
        so.losses.RuggedWell().convolved(law)


@pytest.mark.parametrize("scale", [np.nan, "a"])
def test_the_scale_must_be_a_number(scale):
    for loss in WITH_OWN_FORM.values():
        with pytest.raises(InvalidArgumentError, match="scale"):
            loss.convolved(so.noise.Uniform(1.0), scale)


def test_expectation_stays_exact_where_the_numbers_are():
    smooth = expectation(sympy.cos(X), (X,), so.noise.Rademacher(1.0), 1.0)
    assert float((smooth / sympy.cos(X)).subs(X, 0)) == pytest.approx(math.cos(1.0), rel=1e-15)


def test_damping_is_the_characteristic_function():
    second, fourth, damping = symmetric_factors(so.noise.Gaussian(2.0), 0.5, [1.0, 3.0])
    assert (second, fourth) == (1.0, 3.0)
    np.testing.assert_allclose(damping, np.exp([-0.5, -4.5]), rtol=1e-14)


@pytest.mark.slow
def test_a_convolved_loss_can_be_simulated():
    loss = so.losses.from_functions(lambda x: x * x, lambda x: 2.0 * x)
    smooth = loss.convolved(so.noise.Uniform(1.0))
    run = so.simulate(smooth, so.SGD(), steps=3, step_size=0.25, start=so.start.Point([1.0]))
    np.testing.assert_allclose(run["agents"].to_numpy(), 0.125, rtol=1e-12)


COSINE = so.losses.from_functions(lambda x: so.math.cos(x), lambda x: -so.math.sin(x))
CORNER = so.losses.from_functions(lambda x: abs(x), lambda x: np.sign(x))
RIPPLE = so.losses.from_functions(
    lambda x: so.math.cos(50.0 * x), lambda x: -50.0 * so.math.sin(50.0 * x)
)
CHIRP = so.losses.from_functions(
    lambda x: so.math.sin(x * x), lambda x: 2.0 * x * so.math.cos(x * x)
)


@pytest.mark.parametrize("degrees", [300.0, 1e3, 1e4, 1e5, 1e300])
def test_students_t_of_many_degrees_is_nearly_normal(degrees):
    found = COSINE.convolved(so.noise.StudentT(degrees)).value([0.0])
    # t is about Z + (Z + Z³)/4ν, so E cos t is exp(−1/2)(1 − 3/4ν) and terms of order 1/ν²
    expected = math.exp(-0.5) * (1.0 - 0.75 / degrees)
    assert float(found) == pytest.approx(expected, abs=degrees**-1.9 + 1e-12)


@pytest.mark.parametrize(
    ("loss", "law", "scale"),
    [
        (CORNER, so.noise.Gaussian(0.7), 1.1),
        (CORNER, so.noise.Laplace(0.6), 1.1),
        (RIPPLE, so.noise.Laplace(1.0), 1.0),
        (CHIRP, so.noise.Laplace(0.6), 1.0),
        (COSINE, so.noise.StudentT(1.0), 1.0),
    ],
    ids=["corner", "corner under Laplace", "ripple", "chirp", "heavy tails"],
)
def test_a_number_that_quadrature_gets_wrong_is_not_silent(loss, law, scale):
    uncertain = r"^the (value|gradient) of the convolved FunctionsLoss is uncertain .*points=\)\.$"
    with pytest.warns(RuntimeWarning, match=uncertain) as caught:
        smooth = loss.convolved(law, scale)
    assert caught[0].filename == __file__
    with pytest.warns(RuntimeWarning, match=r"at x = \[0.37\]"):
        smooth.gradient([0.37])
    with pytest.warns(RuntimeWarning, match=r"at \d+ of 9 points, most x = \["):
        smooth.value(np.linspace(-1.0, 1.0, 9)[:, None])


def test_more_nodes_help_where_the_warning_says_so():
    with pytest.warns(RuntimeWarning, match="more than 20 nodes"):
        convolved_by_quadrature(CHIRP, so.noise.Gaussian(1.0), 0.8, 20)
    smooth = convolved_by_quadrature(CHIRP, so.noise.Gaussian(1.0), 0.8, 128)
    # E sin((x − sζ)²) = Im E exp(i(x − sζ)²) in closed form
    bent = 1.0 - 2.0j * 0.8**2
    expected = (np.exp(1j * 0.37**2 / bent) / np.sqrt(bent)).imag
    assert float(smooth.value([0.37])) == pytest.approx(expected, abs=1e-10)


def test_losses_that_are_not_a_number_somewhere_are_left_alone():
    loss = so.losses.from_functions(lambda x: so.math.log(x), lambda x: 1.0 / x)
    smooth = ConvolvedLoss(loss, so.noise.Uniform(0.5), 1.0, 128)
    assert np.isnan(smooth.value([0.0]))
    assert smooth.value(np.empty((0, 1))).shape == (0,)


@pytest.mark.parametrize(("loss", "most"), [(COSINE, 1000), (so.losses.Rosenbrock(), 500)])
def test_the_number_of_nodes_is_bounded(loss, most):
    with pytest.raises(InvalidArgumentError, match=f"at most {most}"):
        convolved_by_quadrature(loss, so.noise.Uniform(1.0), 1.0, most + 1)
    if loss.dim == 1:
        assert convolved_by_quadrature(loss, so.noise.Uniform(1.0), 1.0, most).points == most


NO_LAW = {
    "a number": (0.3, "noise is 0.3, but must be a noise law"),
    "a class": (so.noise.Uniform, "noise is the class Uniform, but must be a noise law"),
    "nothing": (None, "noise is None, but must be a noise law"),
}
EVERY_WAY = {
    **WITH_OWN_FORM,
    "least_squares": so.losses.LeastSquares([[1.0], [2.0]], [1.0, -1.0]),
    "logistic": so.losses.LogisticRegression([[1.0], [2.0]], [1, -1]),
    "expression": so.losses.from_sympy(sympy.cos(X) + X**2, X),
    "functions": COSINE,
}


@pytest.mark.parametrize("case", NO_LAW)
@pytest.mark.parametrize("name", EVERY_WAY)
def test_what_is_no_noise_law_is_refused(name, case):
    given, message = NO_LAW[case]
    with pytest.raises(InvalidArgumentError, match=message):
        EVERY_WAY[name].convolved(given)


@pytest.mark.parametrize("name", EVERY_WAY)
def test_scales_beyond_float64_are_refused(name):
    law = so.noise.Uniform(1e10)
    with pytest.raises(
        InvalidArgumentError, match=r"scale is 1e\+300, with which .* smaller scale"
    ):
        EVERY_WAY[name].convolved(law, 1e300)


@pytest.mark.parametrize(
    "loss",
    [
        *WITH_OWN_FORM.values(),
        so.losses.from_sympy(X**4 + sympy.cos(X), X),
    ],
    ids=lambda loss: loss.name,
)
def test_the_level_of_the_noise_multiplies_the_scale(loss):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the same in both
        at_level = loss.convolved(so.noise.Gaussian(1.0, level=2.0), scale=0.1)
        wider = loss.convolved(so.noise.Gaussian(1.0), scale=0.2)
        assert_same(at_level, wider, 1e-12)


def test_a_level_that_changes_is_refused():
    law = so.noise.Gaussian(1.0, level=so.schedules.PowerDecay(1.0, 0.5))
    with pytest.raises(
        InvalidArgumentError, match=r"level of the noise is PowerDecay\(.*whose level is a number"
    ):
        so.losses.RuggedWell().convolved(law, 0.1)
    law = so.noise.Gaussian(1.0, level=1e200)
    with pytest.raises(InvalidArgumentError, match="scale times the level of the noise is inf"):
        so.losses.RuggedWell().convolved(law, 1e200)
