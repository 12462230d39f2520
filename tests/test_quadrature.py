"""Quadrature rules of noise laws, against moments and integrals that are known."""

import math

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError

DEGREES = [0.3, 1.0, 2.1, 3.0, 4.0, 4.5, 9.0, 50.0, 1e3, 1e5, 1e17, 1e300]
COUNTS = [5, 16, 32, 33, 128, 1000]
LAWS = [
    so.noise.Gaussian(1.3),
    so.noise.Laplace(0.8),
    so.noise.Rademacher(0.8),
    so.noise.Uniform(1.7),
    so.noise.FromQuantile(lambda u: 2.0 * u - 1.0),
    so.noise.Coloured(so.noise.Gaussian(1.3), time=2.0),
    *(so.noise.StudentT(degrees, 0.7) for degrees in DEGREES),
]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_every_rule_has_the_variance(law, count):
    nodes, weights = law.quadrature(count)
    assert np.isfinite(nodes).all()
    assert (weights >= 0.0).all()
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)
    if not isinstance(law, so.noise.StudentT) or law.degrees > 2.0:
        assert weights @ nodes**2 == pytest.approx(law.variance, rel=1e-6)


@pytest.mark.parametrize(
    ("degrees", "exact"),
    [
        (300.0, 0.60501403784),
        (1e3, 0.60607573163),
        (1e4, 0.60648516963),
        (1e5, 0.60652611082),
        (1e300, math.exp(-0.5)),
    ],
)
@pytest.mark.parametrize("count", [16, 32, 128])
def test_students_t_with_many_degrees(degrees, exact, count):
    nodes, weights = so.noise.StudentT(degrees).quadrature(count)
    assert weights @ np.cos(nodes) == pytest.approx(exact, abs=1e-10)


@pytest.mark.parametrize("degrees", [4.5, 5.0, 6.1, 20.0])
def test_students_t_has_its_fourth_moment_with_few_nodes(degrees):
    law = so.noise.StudentT(degrees, 2.0)
    nodes, weights = law.quadrature(5)
    assert weights @ nodes**4 == pytest.approx(law.raw_moment(4), rel=1e-9)


def test_students_t_of_one_degree_is_cauchys():
    nodes, weights = so.noise.StudentT(1.0).quadrature(128)
    # E exp(−t²) = e erfc(1)
    assert weights @ np.exp(-(nodes**2)) == pytest.approx(math.e * math.erfc(1.0), abs=1e-12)


@pytest.mark.parametrize("points", [0, -3, 1.5, "a", None, math.nan, 1001, 10**30, True])
@pytest.mark.parametrize("law", LAWS[:7], ids=lambda law: type(law).__name__)
def test_the_number_of_nodes_is_a_whole_number(law, points):
    with pytest.raises(
        InvalidArgumentError, match=r"points of a quadrature rule is .* whole number"
    ):
        law.quadrature(points)
