"""Losses of any parameters at any points: the gradient by 40 digits, the constants as bounds.

Numbers are drawn, not losses: every family is one compiled program.
"""

import itertools
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import sdeopt as so

number = st.floats(-3.0, 3.0)
positive = st.floats(0.05, 3.0)
size = st.integers(1, 3)


def arrays(*shape):
    count = int(np.prod(shape))
    drawn = st.lists(number, min_size=count, max_size=count)
    return drawn.map(lambda values: np.array(values).reshape(shape))


def waves(x, loss):
    pairs = zip(map(float, loss.amplitudes), map(float, loss.frequencies), strict=True)
    return mpmath.fsum(a * mpmath.cos(w * x) for a, w in pairs)


def wells(x, loss):
    q, r, t, c = loss.quartic, loss.quadratic, loss.tilt, loss.constant
    return c + mpmath.fsum(q * u**4 + r * u**2 + t * u for u in x)


def rugged(x, loss):
    return wells(x, loss) + waves(x[0], loss)


def coupled(x, loss):
    pairs = [x[i] + x[j] for i in range(len(x)) for j in range(i + 1, len(x))]
    return wells(x, loss) + mpmath.fsum(waves(pair, loss) for pair in pairs) / len(x)


def quadratic(x, loss):
    away = [u - m for u, m in zip(x, loss.minimum.tolist(), strict=True)]
    rows = zip(away, loss.matrix.tolist(), strict=True)
    return loss.constant + mpmath.fsum(u * mpmath.fdot(row, away) for u, row in rows) / 2


def log_cosh(x, loss):
    low, high, width = loss.strong_convexity, loss.smoothness, loss.width
    rotated = x if loss.rotation is None else [mpmath.fdot(r, x) for r in loss.rotation.tolist()]
    bends = (mpmath.log(mpmath.cosh(u / width)) for u in rotated)
    bent = mpmath.fsum(bends) * (mpmath.mpf(high) - low) * mpmath.mpf(width) ** 2
    return low * mpmath.fsum(u**2 for u in rotated) / 2 + bent


def double_well(x, loss):
    q, k, t = loss.quartic, loss.curvature, loss.tilt
    return loss.constant + mpmath.fsum(q * u**4 / 4 - k * u**2 / 2 + t * u for u in x)


def rosenbrock(x, loss):
    b, a = loss.steepness, loss.target
    return mpmath.fsum(b * (v - u**2) ** 2 + (a - u) ** 2 for u, v in itertools.pairwise(x))


def examples(of_one):
    def mean(x, loss):
        rows = zip(loss.features.tolist(), loss.targets.tolist(), strict=True)
        terms = (of_one(mpmath.fdot(row, x), y) for row, y in rows)
        penalty = loss.regularization * mpmath.fsum(u**2 for u in x) / 2
        return mpmath.fsum(terms) / loss.examples + penalty

    return mean


@st.composite
def rotations(draw, dim):
    matrix = draw(arrays(dim, dim)) + 9.0 * np.eye(dim)
    return np.linalg.qr(matrix)[0]


@st.composite
def matrices(draw, dim):
    matrix = draw(arrays(dim, dim))
    return matrix @ matrix.T + draw(positive) * np.eye(dim)


def of(family, dims=size, **settings):
    """Draw a loss; a setting that is a function is a strategy for the dimension."""

    def built(dim):
        drawn = {k: v(dim) if callable(v) else v for k, v in settings.items()}
        return st.builds(family, **drawn)

    return dims.flatmap(built)


several = {"dim": st.just, "quartic": positive, "tilt": number, "constant": number}
rippled = {"quartic": positive, "quadratic": number, "tilt": number, "constant": number,
           "amplitudes": arrays(2), "frequencies": arrays(2).map(lambda w: 8 * w)}  # fmt: skip
signs = st.sampled_from([-1.0, 1.0])
LOSSES = {
    "RuggedWell": (of(so.losses.RuggedWell, **rippled), rugged),
    "CoupledWells": (
        of(so.losses.CoupledWells, st.integers(2, 4), **(several | rippled)),
        coupled,
    ),
    "Quadratic": (
        of(so.losses.Quadratic, matrix=matrices, minimum=arrays, constant=number),
        quadratic,
    ),
    "QuadraticLogCosh": (
        of(
            so.losses.QuadraticLogCosh,
            dim=st.just,
            strong_convexity=positive,
            smoothness=positive.map(lambda value: 3.0 + value),
            width=positive,
            rotation=rotations,
        ),
        log_cosh,
    ),
    "DoubleWell": (of(so.losses.DoubleWell, curvature=number, **several), double_well),
    "Rosenbrock": (
        of(so.losses.Rosenbrock, st.integers(2, 3), dim=st.just, steepness=positive, target=number),
        rosenbrock,
    ),
    "LeastSquares": (
        of(
            so.losses.LeastSquares,
            features=lambda dim: arrays(4, dim),
            targets=arrays(4),
            regularization=positive,
        ),
        examples(lambda prediction, y: (prediction - y) ** 2 / 2),
    ),
    "LogisticRegression": (
        of(
            so.losses.LogisticRegression,
            features=lambda dim: arrays(4, dim),
            labels=st.lists(signs, min_size=4, max_size=4),
            regularization=positive,
        ),
        examples(lambda prediction, y: mpmath.log1p(mpmath.exp(-y * prediction))),
    ),
}
each_family = pytest.mark.parametrize("family", LOSSES)


@each_family
@settings(max_examples=25)
@given(data=st.data())
def test_value_and_gradient_have_the_digits_of_the_formula(family, data):
    losses, formula = LOSSES[family]
    loss = data.draw(losses)
    point = data.draw(arrays(loss.dim))
    found, slope = float(loss.value(point)), loss.gradient(point)
    with mpmath.workdps(40):
        x = [mpmath.mpf(u) for u in point.tolist()]
        exact = formula(x, loss)
        steep = [
            mpmath.diff(lambda u, k=k: formula([*x[:k], u, *x[k + 1 :]], loss), x[k])
            for k in range(loss.dim)
        ]
        # no term of these formulas is larger, nor is its derivative
        assert abs(found - exact) < 1e-9
        assert max(abs(g - s) for g, s in zip(slope.tolist(), steep, strict=True)) < 1e-9


def broken(loss, constants, x, y):
    """Return which constants do not bound the loss between pairs of points (pair, dim)."""
    apart, middle = x - y, (x + y) / 2
    here, there, between = (loss.gradient(point) for point in (x, y, middle))
    square = (apart**2).sum(axis=1)
    length = np.sqrt(square)
    steepest = np.abs(np.stack([here, there, between])).max(axis=(0, 2))
    # no curvature at the minimum of these losses is above 100
    rounding = 1e-12 * (steepest + 100 * (1 + np.abs(middle).max(axis=1)))
    along = ((here - there) * apart).sum(axis=1) / length
    bend = np.abs(here + there - 2 * between).max(axis=1)
    change = np.linalg.norm(here - there, axis=1)
    over = {
        "strong_convexity": lambda c: c * length - along,
        "negative_curvature": lambda c: -c * length - along,
        "smoothness": lambda c: change - c * length,
        "gradient_curvature": lambda c: bend - c * square / 4,
    }
    stated = {name: getattr(constants, name) for name in over}
    near = rounding + 1e-9 * change
    return {name for name, c in stated.items() if c is not None and (over[name](c) > near).any()}


@st.composite
def pairs(draw, dim):
    """Draw pairs of points, near or far from 0, and near or far from each other."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    scales = [10.0 ** draw(st.floats(-2, 2)), 10.0 ** draw(st.floats(-3, 1))]
    centre, away = (scale * random.normal(size=(100, dim)) for scale in scales)
    return centre + away, centre - away


@each_family
@settings(max_examples=40)
@given(data=st.data())
def test_constants_bound_every_pair_of_points(family, data):
    """l, L and λ̄ bound differences of gradients, Q second differences of their components."""
    loss = data.draw(LOSSES[family][0])
    assert broken(loss, loss.constants, *data.draw(pairs(loss.dim))) == set()


WRONG = {
    "strong_convexity": 1.05,
    "negative_curvature": 0.95,
    "smoothness": 0.95,
    "gradient_curvature": 0.8,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_constant_a_little_off_is_found(name):
    """Planted: a constant that is not a bound."""
    losses = LOSSES["DoubleWell" if name == "negative_curvature" else "QuadraticLogCosh"][0]

    def is_found(case):
        loss, points = case
        stated = getattr(loss.constants, name)
        wrong = replace(loss.constants, **{name: stated - (1 - WRONG[name]) * abs(stated)})
        return name in broken(loss, wrong, *points)

    cases = losses.flatmap(lambda loss: st.tuples(st.just(loss), pairs(loss.dim)))
    sought = settings(max_examples=300, phases=[Phase.generate], derandomize=True)
    loss, points = find(cases, is_found, settings=sought)
    assert broken(loss, loss.constants, *points) == set()
