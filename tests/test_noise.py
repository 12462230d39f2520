"""Noise laws: moments, quadrature, state dependence, minibatches."""

import itertools
import math

import numpy as np
import pytest
import sympy
from scipy import integrate, stats

import sdeopt as so
from sdeopt.errors import InvalidArgumentError

LAWS = {
    "Uniform": (so.noise.Uniform(1.7), stats.uniform(-1.7, 3.4)),
    "Gaussian": (so.noise.Gaussian(1.3), stats.norm(scale=1.3)),
    "Laplace": (so.noise.Laplace(0.8), stats.laplace(scale=0.8)),
    "StudentT": (so.noise.StudentT(9.0, 0.7), stats.t(9, scale=0.7)),
}


@pytest.mark.parametrize("name", LAWS)
def test_moments_are_those_of_the_law(name):
    law, known = LAWS[name]
    for order in range(5):
        assert law.raw_moment(order) == pytest.approx(known.moment(order), abs=1e-9)
    assert law.variance == pytest.approx(known.var())


def test_the_variance_is_about_the_mean():
    law = so.noise.FromQuantile(lambda u: -so.math.log(1.0 - u))
    assert (law.raw_moment(1), law.raw_moment(2)) == pytest.approx((1.0, 2.0))
    assert law.variance == pytest.approx(1.0)
    assert so.noise.FromQuantile(lambda u: 0.0 * u + 0.1).variance == pytest.approx(0.0, abs=1e-15)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6, 1e12])
def test_a_mean_of_zero_is_found_in_every_unit(unit):
    for quantile in (
        lambda u: unit * math.log(u / (1.0 - u)),
        lambda u: unit * (3.0 if u > 0.3 else -7.0),
    ):
        law = so.noise.FromQuantile(quantile)
        assert abs(law.raw_moment(1)) < 1e-8 * math.sqrt(law.raw_moment(2))
        assert law.raw_moment(2) == pytest.approx(law.variance, rel=1e-12)


def test_a_mean_that_does_not_exist_is_refused():
    law = so.noise.FromQuantile(lambda u: math.tan(math.pi * (u - 0.5)))
    with pytest.raises(InvalidArgumentError, match=r"moment of order 1 .* does not converge"):
        law.raw_moment(1)


@pytest.mark.parametrize("name", LAWS)
def test_quadrature_integrates_a_smooth_function(name):
    law, known = LAWS[name]
    nodes, weights = law.quadrature(120)
    exact = known.expect(lambda z: np.cos(1.1 * z), epsabs=1e-12)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights * np.cos(1.1 * nodes)).sum() == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("name", ["Uniform", "Gaussian", "Laplace"])
def test_characteristic_function(name):
    law, known = LAWS[name]
    a = sympy.Symbol("a", real=True)
    value = float(law.characteristic(a).subs(a, 0.9))
    exact, _ = integrate.quad(lambda z: np.cos(0.9 * z) * known.pdf(z), *known.interval(1 - 1e-15))
    assert value == pytest.approx(exact, abs=1e-9)


def test_rademacher_in_closed_form():
    law = so.noise.Rademacher(2.0)
    assert [law.raw_moment(n) for n in range(5)] == [1.0, 0.0, 4.0, 0.0, 16.0]
    nodes, weights = law.quadrature(99)
    assert (weights * nodes**2).sum() == law.variance


def test_stable_moments_and_convolution():
    law = so.noise.Stable(2.0, 1.5)
    assert [law.raw_moment(n) for n in range(5)] == [1.0, 0.0, 4.5, 0.0, 60.75]
    assert so.noise.Stable(1.5).raw_moment(1) == 0.0
    with pytest.raises(InvalidArgumentError, match="no finite moment of order 2"):
        _ = so.noise.Stable(1.5).variance
    # a wave convolved with the law keeps its place, and exp(−|aγ|^α) of its height
    x = sympy.Symbol("x", real=True)
    wave = so.losses.from_sympy(sympy.cos(3 * x), [x])
    smooth = wave.convolved(so.noise.Stable(1.5, 0.4))
    assert smooth.value([0.0]) == pytest.approx(np.exp(-((3 * 0.4) ** 1.5)), rel=1e-12)


def test_moments_keep_their_digits():
    for degrees in (1e4, 1e12, 1e17, 1e300):
        law = so.noise.StudentT(degrees)
        assert law.variance == pytest.approx(1.0 / (1.0 - 2.0 / degrees), rel=1e-15)
        fourth = 3.0 / (1.0 - 2.0 / degrees) / (1.0 - 4.0 / degrees)
        assert law.raw_moment(4) == pytest.approx(fourth, rel=1e-15)
    normal = so.noise.Gaussian(math.sqrt(2.0))
    assert so.noise.Stable(2.0).raw_moment(40) == pytest.approx(normal.raw_moment(40), rel=1e-13)
    # factors that leave the range of float64 where the moment does not
    assert so.noise.Gaussian(0.1).raw_moment(320) == pytest.approx(
        math.exp(320 * math.log(0.1) + math.lgamma(321) - math.lgamma(161) - 160 * math.log(2.0)),
        rel=1e-11,
    )
    assert so.noise.Laplace(0.0).raw_moment(400) == 0.0


ONE_NUMBER = [
    so.noise.Gaussian(1e200),
    so.noise.Laplace(1e200),
    so.noise.Rademacher(1e200),
    so.noise.Stable(2.0, 1e200),
    so.noise.StudentT(5.0, 1e200),
    so.noise.Uniform(1e200),
]


@pytest.mark.parametrize("law", ONE_NUMBER, ids=lambda law: type(law).__name__)
def test_moments_beyond_float64_and_orders_that_are_none_are_refused(law):
    kind = type(law).__name__
    beyond = f"moment of order 2 of noise.{kind} is beyond the largest float64"
    with pytest.raises(InvalidArgumentError, match=beyond):
        _ = law.variance
    for order in ("a", -1, 1.5, None, True, 10**30):
        with pytest.raises(InvalidArgumentError, match="order of a moment is"):
            law.raw_moment(order)


def test_covariances_are_symmetric_but_for_rounding_of_the_largest_entry():
    so.noise.Gaussian(covariance=[[1.0, 1e-17], [3e-17, 1.0]])
    so.noise.Gaussian(covariance=[[1e-20, 0.0], [0.0, 1e-20]])
    for wrong in (
        [[1.0, 1e-11], [3e-11, 1.0]],
        [[1e-20, 1e-31], [0.0, 1e-20]],
        [[1, 1e308], [-1e308, 1]],
    ):
        with pytest.raises(InvalidArgumentError, match="not symmetric"):
            so.noise.Gaussian(covariance=wrong)


def end(loss, law, **changes):
    settings = {"agents": 1, "replicas": 4000, "steps": 1, "step_size": 1.0, "seed": 8,
                "start": so.start.Point(0.0)}  # fmt: skip
    return so.simulate(loss, so.SGD(), noise=law, **(settings | changes))["agents"].values[:, 0]


@pytest.mark.statistical
def test_covariance_of_correlated_and_state_dependent_noise():
    """Null: the stated covariance. 4,000 independent replicas; 4.4 standard errors an entry."""
    flat = so.losses.Quadratic(1e-300 * np.eye(2))
    matrix = np.array([[2.0, -0.8], [-0.8, 0.5]])
    mixing = np.array([[1.0, 0.4], [-0.3, 0.2]])
    diagonal = so.noise.StateDependent(lambda x: np.array([1.0 + x[0], 2.0 * x[1]]))
    full = so.noise.StateDependent(lambda x: (1.0 + x[1]) * mixing, kind="full")
    cases = [
        (so.noise.Gaussian(covariance=matrix), 0.0, matrix),
        (so.noise.Gaussian([0.5, 3.0]), 0.0, np.diag([0.25, 9.0])),
        (diagonal, 2.0, np.diag([9.0, 16.0])),
        (full, 2.0, 9.0 * mixing @ mixing.T),
    ]
    for law, start, exact in cases:
        drawn = end(flat, law, start=so.start.Point(start)) - start
        products = drawn[:, :, None] * drawn[:, None, :]
        error = products.std(axis=0) / np.sqrt(len(drawn))
        assert (np.abs(products.mean(axis=0) - exact) < 4.4 * error + 1e-15).all()
        # planted: the covariance of independent coordinates
        if exact[0, 1]:
            assert abs(products.mean(axis=0)[0, 1]) > 4.4 * error[0, 1]


DATA = np.random.default_rng(3).normal(size=(6, 2))
TARGETS = np.random.default_rng(4).normal(size=6)


def batch_gradients(loss, batches, x):
    """Gradients of chosen batches, by least squares on those rows alone."""
    del loss
    rows = [so.losses.LeastSquares(DATA[list(batch)], TARGETS[list(batch)]) for batch in batches]
    return np.array([row.gradient(x) for row in rows])


@pytest.mark.parametrize("replacement", [True, False])
def test_a_minibatch_step_is_a_step_on_drawn_examples(replacement):
    """Every step lands on the gradient of some batch, and all batches occur."""
    loss, x = so.losses.LeastSquares(DATA, TARGETS), np.array([0.3, -0.2])
    law = so.noise.Minibatch(2, replacement=replacement)
    steps = -(end(loss, law, start=so.start.Point(x)) - x)
    pick = itertools.product if replacement else itertools.permutations
    batches = list(pick(range(6), repeat=2) if replacement else pick(range(6), 2))
    possible = batch_gradients(loss, batches, x)
    nearest = np.abs(steps[:, None, :] - possible[None]).max(axis=2)
    assert nearest.min(axis=1).max() < 1e-12
    assert (nearest.min(axis=0) < 1e-12).all()


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("replacement", "factor"), [(True, 1 / 3), (False, (1 / 3 - 1 / 6) * 6 / 5)]
)
def test_minibatch_covariance(replacement, factor):
    """Null: Σ/b with, (1/b − 1/N) N/(N − 1) Σ without replacement. 4.4 standard errors.

    Planted: the formula of the other kind is outside.
    """
    loss, x = so.losses.LeastSquares(DATA, TARGETS), np.array([0.3, -0.2])
    law = so.noise.Minibatch(3, replacement=replacement)
    drawn = -(end(loss, law, start=so.start.Point(x)) - x)
    trace = ((drawn - loss.gradient(x)) ** 2).sum(axis=1)
    error = trace.std() / np.sqrt(len(trace))
    sigma = np.trace(loss.gradient_covariance(x))
    other = 1 / 3 + (1 / 3 - 1 / 6) * 6 / 5 - factor
    assert abs(trace.mean() - factor * sigma) < 4.4 * error
    assert abs(trace.mean() - other * sigma) > 4.4 * error


LEAST_SQUARES = so.losses.LeastSquares(DATA, TARGETS)
BAD = {
    "width": (lambda: so.noise.Uniform(-1.0), "half_width"),
    "nan": (lambda: so.noise.Uniform(float("nan")), "half_width"),
    "both": (lambda: so.noise.Gaussian(1.0, covariance=np.eye(2)), "exactly one"),
    "asymmetric": (lambda: so.noise.Gaussian(covariance=[[1, 2], [0, 1]]), "not symmetric"),
    "indefinite": (lambda: so.noise.Gaussian(covariance=[[1, 2], [2, 1]]), "negative eigenvalue"),
    "moment": (lambda: so.noise.StudentT(2.0).variance, "no finite moment"),
    "entrance": (lambda: so.noise.Uniform(1.0, enters="weight"), "did you mean 'weights'"),
    "array of entrances": (lambda: so.noise.Uniform(1.0, enters=np.zeros(2)), "called array"),
    "kind": (lambda: so.noise.StateDependent(lambda x: x, kind=[]), r"diffusion called \[\]"),
    "dimension": (lambda: end(LEAST_SQUARES, so.noise.Gaussian([1.0, 2.0, 3.0])), r"give shape \(2,\)"),
    "not a sum": (lambda: end(so.losses.DoubleWell(), so.noise.Minibatch(2)), "not a finite sum"),
    "too many": (lambda: end(LEAST_SQUARES, so.noise.Minibatch(7, replacement=False)), "at most 6"),
    "batch size": (lambda: end(LEAST_SQUARES, so.noise.Minibatch(2), batch_size=2), "leave batch_size"),
    "B shape": (
        lambda: end(LEAST_SQUARES, so.noise.StateDependent(lambda x: 1.0)),
        r"must return an array of shape \(2,\)",
    ),
    "B raises": (
        lambda: end(LEAST_SQUARES, so.noise.StateDependent(lambda x: x / [][0])),
        "raises IndexError",
    ),
    "B strong": (
        lambda: end(
            LEAST_SQUARES, so.noise.StateDependent(lambda x: x),
            clock=so.clock.SDE(0.1, "strong_order_1.5"),
        ),
        "additive noise",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_noise_is_refused_in_one_sentence(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
