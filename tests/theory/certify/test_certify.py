"""Certificates against what is known, and against dense sampling."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeopt.errors import InvalidArgumentError
from theory.certify import certify, rate, system

x, y, k = sympy.symbols("x y k")
half = sympy.Rational(1, 2)
FOUR = sympy.symbols("u:4")
SIX = sympy.symbols("w:6")


def double_well_agents(coupling):
    mean = (x + y) / 2
    return [one - one**3 + coupling * (mean - one) for one in (x, y)]


@pytest.mark.parametrize(
    ("field", "symbols", "box", "metric", "best"),
    [
        # double well, away from the hill: J = 1 − 3 x²
        ([x - x**3], [x], [(1, 2)], None, 2.0),
        ([x - x**3], [x], [(sympy.Rational(3, 5), 2)], None, 0.08),
        # two agents of it with QSGD: the mean is not pulled, so the rate is that of one agent
        (double_well_agents(k), [x, y], {x: (1, 2), y: (1, 2), k: (2, 3)}, None, 2.0),
        # Van der Pol with damping everywhere, as x' = y − x − x³/3, y' = −x − y/10
        ([y - x - x**3 / 3, -x - y / 10], [x, y], [(-3, 3), (-3, 3)], None, 0.1),
        # a symmetric coupling: −1 ± the larger of sech² x, sech² y, at its largest at y = 1/10
        ([-x + sympy.tanh(y) / 2, -y + sympy.tanh(x) / 2], [x, y], [(-3, 3), (-3, 3)], None, 0.5),
        # the metric that Lemma 5.2 gives for EASGD with p = 4, l = 1, k = 2: M = diag(p, 1)
        (
            [-x + 2 * (y - x), 8 * (x - y)],
            [x, y],
            [(-1, 1)] * 2,
            sympy.diag(4, 1),
            5.5 - math.sqrt(22.25),
        ),
        # four agents in one well, where 3 x² − 1 is least at x = 7/10
        (
            [one - one**3 + 2 * (sum(FOUR) / 4 - one) for one in FOUR],
            FOUR,
            [(sympy.Rational(7, 10), sympy.Rational(3, 2))] * 4,
            None,
            0.47,
        ),
        # six states and wide intervals: all entries of the Jacobian reach their ends at once
        (
            [-3 * one + sum(sympy.tanh(one + other) / 6 for other in SIX) for one in SIX],
            SIX,
            [(-2, 2)] * 6,
            None,
            1.0,
        ),
        ([-half * x], [x], [(-7, 7)], None, 0.5),
    ],
)
def test_known_rates(field, symbols, box, metric, best):
    certificate = certify(field, symbols, box, metric)
    assert certificate.status == "proved"
    assert 0.99 * best <= certificate.rate <= best <= certificate.rate_at_most + 1e-15
    assert certificate.rate_at_most <= certificate.rate / 0.99 + 1e-15


@pytest.mark.parametrize(
    ("field", "symbols", "box"),
    [
        ([x - x**3], [x], [(0, 2)]),
        ([x - x**3], [x], [(sympy.Rational(57, 100), 2)]),  # the hill ends at 1/√3 = 0.57735
        ([y, -(x**2 - 1) * y - x], [x, y], [(-2, 2), (-2, 2)]),  # Van der Pol
        ([y - x**3 / 3 + x, -x], [x, y], [(-3, 3), (-3, 3)]),  # the same after Liénard
        # QSGD's agents on the two sides of the hill: the mean does not contract there
        (double_well_agents(2), [x, y], [(-1, 1), (-1, 1)]),
        ([-(x**3)], [x], [(0, 2)]),  # the rate at 0 is exactly 0
        ([-sympy.Max(x, 0)], [x], [(-1, 1)]),
    ],
)
def test_known_failures(field, symbols, box):
    certificate = certify(field, symbols, box)
    assert certificate.status == "disproved"
    assert certificate.rate is None
    assert certificate.rate_at_most <= 0
    jacobian = sympy.Matrix(field).jacobian(symbols).subs(certificate.point)
    largest = max(np.linalg.eigvalsh(np.array((jacobian + jacobian.T) / 2, dtype=float)))
    assert -largest <= certificate.rate_at_most + 1e-12
    for (low, high), symbol in zip(box, symbols, strict=True):
        assert low <= certificate.point[symbol] <= high


@pytest.mark.parametrize(
    ("expression", "interval"),
    [
        (sympy.log(x), (-2, -1)),  # 1/x is fine there, log x is not
        (-sympy.log(x), (-2, 1)),
        (-1 / x, (-1, 1)),
        (-sympy.sqrt(x), (0, 2)),
        (-sympy.tan(x), (0, 2)),
        (-x - sympy.exp(-1 / x**2), (-1, 2)),
        (-x - x ** sympy.Rational(1, 3), (-2, -1)),
        (-x - x ** sympy.Rational(1, 3), (-1, 3)),
        (-x - sympy.acosh(x), (half, 3)),
        (-x + sympy.sin(x), (-1, 2)),  # the rate is 0 at 0, which is not the middle of any box
    ],
)
def test_what_cannot_be_known_is_undecided(expression, interval):
    certificate = certify(expression, [x], [interval], max_boxes=300)
    assert certificate.status == "undecided"
    assert certificate.rate is None
    assert certificate.reason
    assert str(certificate).startswith("undecided: ")


def test_kinks_count_with_both_sides():
    proved = certify(-2 * x - sympy.Abs(x), x, [(-1, 1)])
    assert (proved.status, proved.rate) == ("proved", pytest.approx(1, rel=1e-6))
    hinge = certify(-x - sympy.Max(x, 0), x, [(-1, 1)])
    assert (hinge.status, hinge.rate) == ("proved", pytest.approx(1, rel=1e-6))
    assert certify(-x + 2 * sympy.Abs(x), x, [(-1, 1)]).status == "disproved"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Fraction(199, 100), "proved"),
        (1.99, "proved"),
        (-1, "proved"),
        (2.01, "disproved"),
    ],
)
def test_a_rate_can_be_asked_for(asked, status):
    certificate = certify(x - x**3, x, [(1, 2)], rate=asked)
    assert certificate.status == status
    if status == "proved":
        assert certificate.rate >= asked
    else:
        assert certificate.rate_at_most < asked


def test_an_exact_rate_is_proved_where_nothing_is_rounded():
    assert certify([-x, -3 * y], [x, y], [(-1, 1)] * 2, rate=1).rate == 1.0


def test_few_boxes_leave_it_open():
    field = [-x + sympy.sin(5 * y) / 3, -y + sympy.cos(4 * x) / 3]
    assert certify(field, [x, y], [(-2, 2)] * 2, max_boxes=1).status == "undecided"
    assert "try more boxes" in certify(field, [x, y], [(-2, 2)] * 2, max_boxes=1).reason


def test_floats_are_what_they_are():
    """0.1 is a little more than a tenth: the derivative must not be rounded to 0.3 x²."""
    third = sympy.Rational(1, 3)
    exact = 3 * Fraction(0.1) * Fraction(third.p, third.q) ** 2
    certificate = certify(-0.1 * x**3, x, [(third, 1)])
    assert Fraction(certificate.rate) <= exact <= Fraction(certificate.rate_at_most)


def test_huge_derivatives_do_no_harm():
    field = [sympy.exp(1000 * x) - y, -y]
    assert certify(field, [x, y], [(1, 2), (0, 1)]).status == "disproved"
    assert certify([-field[0], -y], [x, y], [(1, 2), (0, 1)]).status == "proved"


coefficients = st.integers(-6, 6).map(lambda number: sympy.Rational(number, 4))
TERMS = [
    x,
    y,
    x * y,
    x**2,
    y**3,
    sympy.sin(2 * x),
    sympy.cos(x + y),
    sympy.exp(-y),
    sympy.tanh(x * y),
    sympy.Abs(x - y),
]
fields = st.tuples(
    *[st.lists(coefficients, min_size=len(TERMS), max_size=len(TERMS)) for _ in range(2)]
)
METRICS = [sympy.eye(2), sympy.Matrix([[2, 1], [1, 2]]), sympy.diag(sympy.sqrt(5), half)]


def with_damping(drawn):
    return [
        sum((c * term for c, term in zip(row, TERMS, strict=True)), -8 * own)
        for row, own in zip(drawn, (x, y), strict=True)
    ]


def least_rate(field, metric, points):
    """Return the least contraction rate at many points, by floating point."""
    real = {one: sympy.Dummy(str(one), real=True) for one in (x, y)}
    field = sympy.Matrix(field).xreplace(real)
    jacobian = sympy.lambdify(list(real.values()), field.jacobian(list(real.values())), "numpy")
    pulled = np.array(metric, dtype=float) @ [np.array(jacobian(*point)) for point in points]
    roots = np.linalg.cholesky(np.array(metric, dtype=float))
    inverse = np.linalg.inv(roots)
    symmetric = (pulled + pulled.transpose(0, 2, 1)) / 2
    return -np.linalg.eigvalsh(inverse @ symmetric @ inverse.T).max()


def lie(field, metric):
    """Return what a certificate claims that sampling contradicts; empty when nothing."""
    certificate = certify(field, [x, y], [(-1, 1), (0, 1)], metric, max_boxes=25)
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 24), np.linspace(0, 1, 23)), -1).reshape(-1, 2)
    sampled = least_rate(field, metric, grid)
    if certificate.status == "proved" and sampled < certificate.rate - 1e-9:
        return f"proved {certificate.rate}, but {sampled} was found"
    if certificate.rate_at_most is not None:
        point = [float(value) for value in certificate.point.values()]
        there = least_rate(field, metric, [point])
        # at a kink floating point sees one side only
        kinked = abs(point[0] - point[1]) < 1e-9
        if there > certificate.rate_at_most + 1e-9 and not kinked:
            return f"at most {certificate.rate_at_most}, but {there} at {point}"
    return ""


@settings(max_examples=20, deadline=None)
@given(drawn=fields, metric=st.sampled_from(METRICS))
def test_certificates_do_not_lie(drawn, metric):
    assert lie(with_damping(drawn), metric) == ""


def only_diagonal(matrix):
    return max((row[place] for place, row in enumerate(matrix)), key=float).upper()


PLANTED = {
    "the midpoint stands for the box": (
        system.System,
        "on",
        lambda self, box, centre: system.Enclosure(centre),
    ),
    "off-diagonal entries are left out": (rate, "_eigenvalues_at_most", only_diagonal),
    "the derivative's part of the mean value theorem is left out": (
        system.balls,
        "ball",
        lambda low, high, ball=system.balls.ball: ball(*[(low + high) / 2] * 2),
    ),
}


@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_is_noticed(error, monkeypatch):
    monkeypatch.setattr(*PLANTED[error])
    rng = np.random.default_rng(2)
    for _ in range(40):
        drawn = [[sympy.Rational(int(n), 4) for n in rng.integers(-6, 7, len(TERMS))] for _ in "xy"]
        if lie(with_damping(drawn), METRICS[1]):
            return
    pytest.fail("sampling did not contradict a wrong certificate")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((sympy.floor(x), x, [(0, 1)]), "cannot enclose floor"),
        ((sympy.sign(x) - x, x, [(0, 1)]), "cannot enclose sign"),
        ((sympy.acot(x), x, [(0, 1)]), "cannot enclose acot"),
        ((sympy.Piecewise((x, x > 0), (0, True)), x, [(0, 1)]), "cannot enclose Piecewise"),
        ((sympy.I * x, x, [(0, 1)]), "cannot enclose ImaginaryUnit"),
        ((-x, x, [(0, sympy.oo)]), "finite number"),
        ((-x, x, [(0, math.nan)]), "finite number"),
        ((-x, x, [(1, 0)]), "wrong order"),
        ((-x, x, [(0, 1), (0, 1)]), "2 intervals for 1 symbols"),
        ((-x, x, 5), "the box is 5"),
        ((-x, x, [5]), "give a pair"),
        ((-x, [x, y], [(0, 1)] * 2), "1 expressions for 2 symbols"),
        ((-x, [x, x], [(0, 1)] * 2), "each once"),
        ((-x * k, x, [(0, 1)]), "no interval for k"),
        ((-x, x, {x: (0, 1), y: (0, 1)}), "has y"),
        (("-x", x, [(0, 1)]), "no sympy expression"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 2], [2, 1]]), "positive definite"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 1], [1, 1]]), "positive definite"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 2], [0, 1]]), "symmetric"),
        (([-x, -y], [x, y], [(0, 1)] * 2, "M"), "symmetric"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, x], [x, 1]]), "constant"),
    ],
)
def test_bad_input_gives_a_sentence(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        certify(*arguments)


@pytest.mark.parametrize("limits", [{"max_boxes": 0}, {"tolerance": -1}, {"rate": "fast"}])
def test_bad_limits_give_a_sentence(limits):
    with pytest.raises(InvalidArgumentError):
        certify(-x, x, [(0, 1)], **limits)


def test_an_answer_prints_no_more_than_it_knows():
    proved = certify(-2 * x / 3, x, [(0, 1)])
    assert str(proved) == "proved: contracts at the rate 0.666666 on the whole box"
    refuted = certify(2 * x / 3, x, [(0, 1)])
    assert str(refuted).startswith("disproved: the rate is at most -0.666666 at x = ")
