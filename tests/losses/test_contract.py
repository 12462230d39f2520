"""What every loss must do, in one test for all of them: one that is exported joins by itself."""

import inspect
import json
import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest

import sdeopt as so
from sdeopt.losses import Loss
from sdeopt.losses.convolution import convolved_by_quadrature

RNG = np.random.default_rng(1)
FEATURES = RNG.normal(size=(12, 3))
TARGETS = FEATURES @ np.array([1.0, -2.0, 0.5]) + RNG.normal(size=12)
LABELS = np.sign(TARGETS)
ROTATION = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
FAR = 100.0


@dataclass
class Case:
    """A loss, the constants that its class calls exact, and points at which they show."""

    loss: Loss
    exact: tuple[str, ...] = ()
    points: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))


def user_value(x):
    return so.math.log(1.0 + x * x)


def user_gradient(x):
    return 2.0 * x / (1.0 + x * x)


def has_defaults(kind):
    parameters = inspect.signature(kind).parameters.values()
    named = (
        each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    )
    return all(each.default is not each.empty for each in named)


def cases():
    everything = ("strong_convexity", "smoothness", "negative_curvature", "gradient_curvature")
    line = np.linspace(-3.0, 3.0, 6001)[:, None]
    hill = np.linspace(0.3, 0.4, 201)[:, None]
    rugged = so.losses.RuggedWell()
    far = np.concatenate([FAR * np.eye(3), 10 * FAR * np.ones((1, 3)), np.zeros((1, 3))])
    bend = 0.5 * np.arctanh(1.0 / np.sqrt(3.0)) * np.eye(3) @ ROTATION
    smooth = so.losses.QuadraticLogCosh(3, 0.5, 4.0, 0.5, rotation=ROTATION)
    return {
        "rugged": Case(rugged, ("negative_curvature",), line),
        "rugged_robust": Case(so.losses.RuggedWell.robust(), ("negative_curvature",), line),
        "coupled": Case(
            so.losses.CoupledWells(4), ("negative_curvature",), np.repeat(hill, 4, axis=1)
        ),
        "coupled_30": Case(
            so.losses.CoupledWells(), ("negative_curvature",), np.repeat(hill, 30, axis=1)
        ),
        "quadratic_1": Case(so.losses.Quadratic(3.0), everything),
        "quadratic": Case(
            so.losses.Quadratic([[2.0, 1.0], [1.0, 3.0]], [1.0, -2.0], 5.0), everything
        ),
        "log_cosh": Case(so.losses.QuadraticLogCosh(2, width=0.5), everything, far[:, :2]),
        "log_cosh_rotated": Case(smooth, everything, np.concatenate([far @ ROTATION, bend])),
        "logistic": Case(
            so.losses.LogisticRegression(FEATURES, LABELS, 0.1),
            ("strong_convexity", "smoothness", "negative_curvature"),
            10.0 * far,
        ),
        "logistic_plain": Case(
            so.losses.LogisticRegression(FEATURES, LABELS), ("smoothness",), far
        ),
        "least_squares": Case(so.losses.LeastSquares(FEATURES, TARGETS, 0.1), everything),
        "least_squares_singular": Case(
            so.losses.LeastSquares(FEATURES[:2], TARGETS[:2]), ("smoothness", "negative_curvature")
        ),
        "rosenbrock": Case(so.losses.Rosenbrock()),
        "rosenbrock_4": Case(so.losses.Rosenbrock(4, steepness=3.0, target=-1.0)),
        "double_well": Case(
            so.losses.DoubleWell(3, 2.0, 4.0, 0.3), ("negative_curvature",), np.zeros((1, 3))
        ),
        "single_well": Case(
            so.losses.DoubleWell(1, curvature=-2.0), ("strong_convexity",), np.zeros((1, 1))
        ),
        "sympy": Case(so.losses.from_sympy(*so.losses.CoupledWells(3).expression())),
        "functions": Case(so.losses.from_functions(user_value, user_gradient)),
        "functions_2": Case(
            so.losses.from_functions(
                lambda x: x @ x + x[0] ** 3, lambda x: 2 * x + 3 * x * x * np.array([1, 0]), dim=2
            )
        ),
        "convolved": Case(
            rugged.convolved(so.noise.Uniform(7.0), 0.04), ("negative_curvature",), line
        ),
        "quadrature": Case(
            convolved_by_quadrature(so.losses.Rosenbrock(), so.noise.Uniform(1.0), 0.2, 8)
        ),
    }


CASES = cases()
KINDS = [
    kind
    for kind in vars(so.losses).values()
    if isinstance(kind, type) and issubclass(kind, Loss) and kind is not Loss
]
WITHOUT_CASE = [kind for kind in KINDS if kind not in {type(case.loss) for case in CASES.values()}]
CASES |= {kind.__name__: Case(kind()) for kind in WITHOUT_CASE if has_defaults(kind)}


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request):
    return CASES[request.param]


def test_every_exported_loss_is_here():
    absent = [kind.__name__ for kind in WITHOUT_CASE if not has_defaults(kind)]
    assert not absent, "give cases() an instance: not all of its parameters have defaults"


def sample(case, count=60):
    rng = np.random.default_rng(3)
    scales = np.geomspace(0.1, 3.0, count)[:, None]
    return scales * rng.normal(size=(count, case.loss.dim))


def hessians(loss, x, step=1e-5):
    shifts = step * np.eye(loss.dim)
    ahead, behind = loss.gradient(x[:, None, :] + shifts), loss.gradient(x[:, None, :] - shifts)
    matrices = (ahead - behind) / (2.0 * step)
    return 0.5 * (matrices + np.swapaxes(matrices, -1, -2))


def component_hessians(loss, x, step=1e-3):
    """Hessian of every component k of the gradient, (points, k, dim, dim)."""
    dim = loss.dim
    result = np.empty((len(x), dim, dim, dim))
    for i in range(dim):
        for j in range(dim):
            total = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                shift = a * step * np.eye(dim)[i] + b * step * np.eye(dim)[j]
                total = total + a * b * loss.gradient(x + shift)
            result[:, :, i, j] = total / (4.0 * step**2)
    return result


def test_gradient_is_that_of_the_value(case):
    so.losses.gradient_check(case.loss, sample(case))


def test_sympy_form_agrees(case):
    form = case.loss.expression()
    if form is None:
        pytest.skip("no symbolic form")
    if case.loss.dim > 10:
        pytest.skip("sympy is slow in so many dimensions; the same loss stands here with fewer")
    import sympy

    expression, symbols = form
    x = sample(case, 10)
    evaluate = sympy.lambdify(symbols, [expression, *[sympy.diff(expression, s) for s in symbols]])
    expected = np.array([evaluate(*point) for point in x], dtype=float)
    np.testing.assert_allclose(case.loss.value(x), expected[:, 0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(case.loss.gradient(x), expected[:, 1:], rtol=1e-9, atol=1e-11)


def test_curvature_constants_hold_and_exact_ones_are_attained(case):
    constants = case.loss.constants
    x = sample(case)
    if case.points.size:
        x = np.concatenate([x, case.points])
    eigenvalues = np.linalg.eigvalsh(hessians(case.loss, x))
    found = {
        "strong_convexity": eigenvalues.min(),
        "smoothness": np.abs(eigenvalues).max(),
        "negative_curvature": -eigenvalues.min(),
    }
    lower_bounds = ("strong_convexity",)
    for name, value in found.items():
        stated = getattr(constants, name)
        if stated is None:
            assert name not in case.exact
            continue
        slack = 1e-4 * (1.0 + abs(stated))
        violation = stated - value if name in lower_bounds else value - stated
        assert violation <= slack, (name, stated, value)
        if name in case.exact:
            assert abs(value - stated) <= max(1e-3 * abs(stated), slack), (name, stated, value)


def test_gradient_curvature_holds(case):
    stated = case.loss.constants.gradient_curvature
    if stated is None:
        pytest.skip("no bound on the curvature of the gradient")
    x = np.concatenate([sample(case), case.points]) if case.points.size else sample(case)
    x = x[np.abs(x).max(axis=1) < FAR / 2]
    largest = np.abs(np.linalg.eigvalsh(component_hessians(case.loss, x))).max()
    assert largest <= stated * 1.001 + 1e-5
    if "gradient_curvature" in case.exact:
        assert largest >= stated * 0.98 - 1e-5


def test_lanes_do_not_see_each_other(case):
    x = sample(case, 37)
    values, gradients = case.loss.value(x), case.loss.gradient(x)
    for n, point in enumerate(x):
        assert np.array_equal(case.loss.value(point), values[n])
        assert np.array_equal(case.loss.gradient(point), gradients[n])
    assert np.array_equal(case.loss.value(x.reshape(1, 37, -1)), values[None])
    assert np.array_equal(case.loss.gradient(x.reshape(1, 37, -1)), gradients[None])


def test_parameters_are_plain_arrays(case):
    assert len(case.loss.parameters) >= 1
    for array in case.loss.parameters:
        assert array.dtype == np.float64
        assert array.flags.c_contiguous


def test_configuration_is_json_and_tells_the_loss(case):
    configuration = case.loss.configuration()
    assert json.loads(json.dumps(configuration)) == configuration
    assert configuration["name"] == case.loss.name
    assert case.loss.name in repr(case.loss)


def test_a_copy_sent_to_another_process_is_the_same(case):
    copy = pickle.loads(pickle.dumps(case.loss))
    x = sample(case, 3)
    assert np.array_equal(copy.value(x), case.loss.value(x))
    assert copy.configuration() == case.loss.configuration()


@pytest.mark.parametrize("shape", [(), (7,), (2, 9)])
def test_points_of_another_dimension_are_refused(case, shape):
    with pytest.raises(so.errors.InvalidArgumentError, match="must have shape"):
        case.loss.gradient(np.zeros(shape))
