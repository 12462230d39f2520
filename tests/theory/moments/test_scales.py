"""Moments keep their digits where one rate is far below another; closed formulas say what is right."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from theory.moments import (
    Method,
    easgd,
    momentum,
    nesterov,
    qsgd,
    stationary_covariance,
    stationary_moments,
)

SCALES = [
    (3, 1.0, 1e-12), (3, 1e12, 1.0), (3, 1e8, 1e-8), (10**9, 1e3, 1e-3), (3, 1e-8, 1e-8),
    (3, 1.0, 1.0), (1, 1e300, 1e300), (7, 1e-200, 1e50),
]  # fmt: skip


def filtered(p: int, k: float, h: float, dt: float = 0.0) -> tuple[float, float]:
    """Return E x•² and E x~² of EASGD with unit noise, both written down in fractions.

    V = (x•x•, x•x~, x~x~) solves the three equations by Cramer's rule; with dt those of the scheme.
    """
    k, h, t = Fraction(k), Fraction(h), Fraction(dt)  # type: ignore[assignment]
    a, b, c = -h - k, k, k * p  # x•' = a x• + b x~, x~' = c x• − c x~
    rows = [
        [2 * a + t * a * a, 2 * b + 2 * t * a * b, t * b * b],
        [c + t * a * c, a - c + t * (b * c - a * c), b - t * b * c],
        [t * c * c, 2 * c - 2 * t * c * c, -2 * c + t * c * c],
    ]  # fmt: skip

    def det(m: Any) -> Any:
        (d, e, f), (g, i, j), (l, n, o) = m  # noqa: E741
        return d * (i * o - j * n) - e * (g * o - j * l) + f * (g * n - i * l)

    right = [Fraction(-1, p), 0, 0]
    whole = det(rows)
    found = [
        det([[*row[:at], value, *row[at + 1 :]] for row, value in zip(rows, right, strict=True)])
        / whole
        for at in (0, 2)
    ]
    return float(found[0]), float(found[1])


@pytest.mark.parametrize(("p", "k", "h"), SCALES)
def test_easgd_at_all_scales(p: int, k: float, h: float) -> None:
    found = stationary_moments(easgd(agents=p, coupling=k), h, 1.0)
    expected = filtered(p, k, h)
    assert (float(found.mean), float(found.quorum)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dt", [1e-13, 1e-6, 0.1])
@pytest.mark.parametrize("h", [1e-14, 1e-6, 1.0])
def test_its_scheme_at_all_scales(dt: float, h: float) -> None:
    found = stationary_moments(easgd(agents=3, coupling=1.0).discretized(dt), h, 1.0)
    expected = filtered(3, 1.0, h, dt)
    assert (float(found.mean), float(found.quorum)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("quorum", ["mean", "filter"])
def test_small_steps_with_momentum(quorum: str) -> None:
    """At a momentum of 0 it is the scheme of the flow, which small steps approach."""
    still = nesterov(agents=3, coupling=2.0, momentum=0.0, step_size=1e-13, quorum=quorum)
    flow = (easgd if quorum == "filter" else qsgd)(agents=3, coupling=2.0)
    one = stationary_moments(still, 1e-3, 1e-13)
    other = stationary_moments(flow, 1e-3, 1.0)
    assert float(one.mean) == pytest.approx(float(other.mean), rel=1e-9)
    assert float(one.spread) == pytest.approx(float(other.spread), rel=1e-9)


def test_strong_damping_is_not_taken_for_instability() -> None:
    found = stationary_moments(momentum(agents=4, coupling=1.0, damping=1e8), 1e-8, 1.0)
    assert float(found.mean) == pytest.approx(0.125, rel=1e-14)
    assert float(found.mean_velocity) == pytest.approx(1.25e-9, rel=1e-14)


def test_hard_and_easy_points_of_one_grid() -> None:
    h = np.array([1.0, 1e-12, 3.0, 1e-18])
    found = stationary_moments(easgd(agents=3, coupling=[[1.0], [1e9]]), h, 1.0)
    expected = [[filtered(3, k, each)[0] for each in h] for k in (1.0, 1e9)]
    np.testing.assert_allclose(found.mean, expected, rtol=1e-12)


def test_matrices_keep_their_digits_too() -> None:
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    hessian, method = np.diag([1e-12, 1e-12]), easgd(agents=3, coupling=1.0)
    expected = filtered(3, 1.0, 1e-12)
    found = stationary_covariance(method, hessian, turn @ turn.T)
    assert float(found.mean) == pytest.approx(2 * expected[0], rel=1e-12)
    with pytest.raises(InvalidArgumentError, match="too close to the border"):
        stationary_covariance(method, 1e-14 * np.eye(9), np.eye(9))


@pytest.mark.parametrize(
    ("method", "curvature"),
    [
        (easgd(agents=3, coupling=0.0), 1.0),
        (easgd(agents=3, coupling=1e8), -1e-30),
        (easgd(agents=3, coupling=1.0).discretized(0.1), -1e-30),
        (momentum(agents=3, coupling=1.0, damping=-1e-25), 1.0),
        (nesterov(agents=3, coupling=1.0, momentum=0.5, step_size=0.1, quorum="filter"), -1e-30),
    ],
)
def test_what_is_barely_unstable_is_refused(method: Method, curvature: float) -> None:
    with pytest.raises(InvalidArgumentError, match=r"not stable here.* or more\."):
        stationary_moments(method, curvature, 1.0)
