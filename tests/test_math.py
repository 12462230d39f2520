"""The vectorizing functions against arithmetic of 50 digits."""

import math

import mpmath
import numpy as np
import pytest

from sdeopt import math as fast
from sdeopt.errors import InvalidArgumentError

GENERATOR = np.random.default_rng(0)
RANGES = {
    "sin": [(-4, 4), (-300, 300), (-1e12, 1e12)],
    "cos": [(-4, 4), (-300, 300), (-1e12, 1e12)],
    "exp": [(-1, 1), (-708, 709)],
    "expm1": [(-1e-3, 1e-3), (-1, 1), (-50, 709.7)],
    "log": [(0.9, 1.1), (1e-6, 10), (1e-300, 1e300)],
    "tanh": [(-1e-3, 1e-3), (-1, 1), (-25, 25)],
    "sqrt": [(0, 2), (0, 1e300)],
    "log1p": [(-1e-3, 1e-3), (-0.9, 2), (0, 1e300)],
    "sinh": [(-1e-3, 1e-3), (-2, 2), (-700, 700)],
    "cosh": [(-2, 2), (-700, 700)],
    "sech": [(-2, 2), (-700, 700)],
    "expit": [(-2, 2), (-700, 700)],
    "softplus": [(-2, 2), (-700, 700)],
    "log_cosh": [(-1e-3, 1e-3), (-2, 2), (-1e3, 1e3)],
    "atan": [(-1e-3, 1e-3), (-3, 3), (-1e300, 1e300)],
    "erf": [(-1e-3, 1e-3), (-2, 2), (-7, 7)],
    "erfc": [(-1e-3, 1e-3), (-2, 2), (0.4, 0.6), (0.5, 26)],
}

TRUE = {
    "expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "log_cosh": lambda x: mpmath.log(mpmath.cosh(x)),
}


def units_in_the_last_place(name, x):
    with mpmath.workdps(50):
        true = TRUE.get(name, getattr(mpmath, name, None))(mpmath.mpf(float(x)))
        return abs(mpmath.mpf(getattr(fast, name)(float(x))) - true) / np.spacing(abs(float(true)))


@pytest.mark.parametrize("name", RANGES)
def test_within_some_units_in_the_last_place(name):
    points = np.concatenate([GENERATOR.uniform(*ends, 400) for ends in RANGES[name]])
    assert max(units_in_the_last_place(name, x) for x in points) < (5.0 if name == "erfc" else 3.0)


def test_near_multiples_of_pi():
    """There the reduction of the argument is all that counts: good to 1e-32 |x|."""
    multiples = np.concatenate([np.arange(1, 200), 2 ** np.arange(8, 38)]) * 0.5 * np.pi
    points = np.concatenate([multiples, np.nextafter(multiples, 0), np.nextafter(multiples, 1e300)])
    for x in points:
        for name in ("sin", "cos"):
            error = units_in_the_last_place(name, x)
            unit = np.spacing(abs(float(getattr(mpmath, name)(x))))
            assert error < 3.0 or float(error) * unit < 1e-32 * x


def test_subnormal_and_tiny_numbers():
    for x in (5e-324, 1e-310, 2.3e-308):
        assert fast.log(x) == pytest.approx(math.log(x), rel=1e-15)
    assert fast.exp(-744.5) == math.exp(-744.5)
    assert fast.exp(-708.5) == pytest.approx(math.exp(-708.5), rel=1e-15)


EDGES = {
    "exp": {710.0: math.inf, -746.0: 0.0, math.inf: math.inf, -math.inf: 0.0, 0.0: 1.0},
    "expm1": {math.inf: math.inf, -math.inf: -1.0, 0.0: 0.0, 800.0: math.inf},
    "log": {0.0: -math.inf, math.inf: math.inf, 1.0: 0.0},
    "tanh": {math.inf: 1.0, -math.inf: -1.0, 0.0: 0.0, 30.0: 1.0},
    "sin": {0.0: 0.0},
    "log1p": {0.0: 0.0, -1.0: -math.inf, math.inf: math.inf, 1e-300: 1e-300},
    "sinh": {0.0: 0.0, 1e-10: 1e-10, 711.0: math.inf, -math.inf: -math.inf},
    "cosh": {0.0: 1.0, -711.0: math.inf, math.inf: math.inf},
    "sech": {0.0: 1.0, 800.0: 0.0, -math.inf: 0.0},
    "expit": {0.0: 0.5, 800.0: 1.0, -800.0: 0.0},
    "softplus": {800.0: 800.0, -800.0: 0.0, math.inf: math.inf},
    "log_cosh": {0.0: 0.0, 2.0**-30: 2.0**-61, math.inf: math.inf},
    "atan": {0.0: 0.0, 1.0: math.pi / 4, math.inf: math.pi / 2, -math.inf: -math.pi / 2},
    "erf": {0.0: 0.0, 10.0: 1.0, -math.inf: -1.0},
    "erfc": {0.0: 1.0, -10.0: 2.0, 30.0: 0.0, math.inf: 0.0, -math.inf: 2.0},
}


@pytest.mark.parametrize(
    ("name", "x", "y"), [(n, x, y) for n in EDGES for x, y in EDGES[n].items()]
)
def test_edges(name, x, y):
    assert getattr(fast, name)(x) == y


@pytest.mark.parametrize(
    ("name", "x"),
    [(name, math.nan) for name in RANGES]
    + [("log", -1.0), ("sqrt", -1.0), ("log1p", -1.5)]
    + [(name, x) for name in ("sin", "cos") for x in (math.inf, -math.inf, 2.0**41, 1e300)],
)
def test_undefined_is_nan(name, x):
    assert math.isnan(getattr(fast, name)(x))


@pytest.mark.parametrize("name", fast.__all__)
@pytest.mark.parametrize("given", [np.ones(3), [1.0], 1j, "1", None, 10**400], ids=repr)
def test_what_is_not_one_number_is_refused_in_one_sentence(name, given):
    wanted = rf"sdeopt.math.{name} is given .*, but takes one real number: call it for each"
    with pytest.raises(InvalidArgumentError, match=wanted) as caught:
        getattr(fast, name)(given)
    assert "\n" not in str(caught.value)
    assert getattr(fast, name)(np.float32(0.5)) == getattr(fast, name)(0.5)
