"""Certificates against what is known, and against dense sampling."""

import math
import time
from fractions import Fraction

import cvxpy
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
FORTY = sympy.symbols("v:40")
TOTAL = sympy.Add(*FORTY)


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
        # a mean of two matrices with the same eigenvalues: −1.75 ± √2/4
        (
            [-2 * one + sympy.Max(x, y) / 2 for one in (x, y)],
            [x, y],
            [(-1, 1)] * 2,
            None,
            1.75 - math.sqrt(2) / 4,
        ),
        (
            [-2 * one + sympy.Min(x, y) / 2 for one in (x, y)],
            [x, y],
            [(-1, 1)] * 2,
            None,
            1.75 - math.sqrt(2) / 4,
        ),
        # the larger of three, where J = −2 + (1, 1, 1)ᵀ eᵢᵀ / 2
        (
            [-2 * one + sympy.Max(x, y, k) / 2 for one in (x, y, k)],
            [x, y, k],
            [(-1, 1)] * 3,
            None,
            1.75 - math.sqrt(3) / 4,
        ),
        # the distance of x and y: J = [[±1 − 2, ∓1], [0, −2]]
        (
            [-2 * x + sympy.Max(x, y) - sympy.Min(x, y), -2 * y],
            [x, y],
            [(-1, 1)] * 2,
            None,
            1.5 - math.sqrt(half),
        ),
        # the derivative of |x|^(3/2) is continuous
        ([-2 * x - sympy.Abs(x) ** (3 * half)], [x], [(-1, 1)], None, 0.5),
        # values with more digits than there are atoms: F' = −exp(x + exp(x))
        ([-sympy.exp(sympy.exp(x))], [x], [(0, 40)], None, math.e),
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
    assert "in the identity metric" in str(certificate)
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
        (1 / x, (-1, 1)),
        (1 / x, (-1, 2)),
        (-sympy.exp(sympy.exp(sympy.exp(x))), (0, 40)),
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


@pytest.mark.parametrize(
    ("field", "symbols", "asked"),
    [
        ([-x / 10], [x], sympy.Rational(1, 10)),
        ([-x / 10], [x], Fraction(1, 10)),
        ([-0.1 * x], [x], 0.1),
        ([-0.1 * x], [x], sympy.Float(0.1)),
        ([-x, -3 * y], [x, y], 1),
        # eigenvectors (1, ±1), of −1/2 and −3/2
        ([-x + y / 2, -y + x / 2], [x, y], half),
        # none of the entries is a binary number: −1/3 ± 1/7
        ([-x / 3 + y / 7, -y / 3 + x / 7], [x, y], sympy.Rational(4, 21)),
        ([-x - x**3], [x], 1),
        ([-x - x**3 + y, -y - x - y**5], [x, y], 1),
        ([-x - sympy.Max(x, 0)], [x], 1),
        ([-x + sympy.sin(x)], [x], 0),
        (double_well_agents(half), [x, y], -1),
    ],
)
def test_a_rate_that_is_exactly_attained_is_proved(field, symbols, asked):
    certificate = certify(field, symbols, [(-1, 1)] * len(symbols), rate=asked)
    assert certificate.status == "proved"
    assert certificate.rate == pytest.approx(float(asked))
    assert certificate.rate <= asked
    assert str(certificate) == (
        f"proved: contracts at the rate {asked} that was asked for on the whole box, in the identity "
        "metric"
    )


def test_a_rate_just_beyond_is_disproved():
    """The float 0.1 is a little more than 1/10, and no rate of −x/10."""
    certificate = certify([-x / 10], [x], [(-1, 1)], rate=0.1)
    assert certificate.status == "disproved"
    assert "give sympy.Rational('0.1') for the decimal" in str(certificate)
    beyond = sympy.Rational(1, 10) + sympy.Rational(1, 10**30)
    assert certify([-x / 10], [x], [(-1, 1)], rate=beyond).status == "disproved"


def test_kinks_at_the_border_of_the_box_count_with_the_side_inside():
    assert certify(-sympy.Max(x, 0), x, [(0, 1)]).rate == pytest.approx(1)
    assert certify(-x + 2 * sympy.Abs(x), x, [(-1, 0)]).rate == pytest.approx(3)
    # at a single point there is no inside
    assert certify(-x + 2 * sympy.Abs(x), x, [(0, 0)]).status == "undecided"


def test_many_kinks_at_once_are_left_open():
    field = [-5 * one + sum(sympy.Abs(one - other) for other in SIX) / 6 for one in SIX]
    certificate = certify(field, SIX, [(-1, 1)] * 6)
    assert certificate.status == "proved"
    assert certificate.rate <= 5 - 5 / 6


def iterated(times):
    """Return a logistic map, iterated: small as a graph, of 2^times symbols as a tree."""
    found = x
    for _ in range(times):
        found = 4 * found * (1 - found)
    return found


@pytest.mark.parametrize(
    ("field", "symbols", "seconds"),
    [
        ([-x + iterated(22)], [x], 1.0),
        ([-x + sympy.Abs(iterated(22), evaluate=False)], [x], 1.0),
        ([-x + sympy.sin(5 * y) / 3, -y + sympy.cos(9 * x * y) / 3], [x, y], 1e-9),
        ([-100 * one + one / (1 + TOTAL**2) ** 2 for one in FORTY], FORTY, 2.0),
    ],
)
@pytest.mark.parametrize("metric", [None, "search"])
def test_no_answer_takes_longer_than_its_time(field, symbols, seconds, metric):
    """Or it is an answer: a fast machine may know one by then.

    Counted in processor time, of which a busy machine gives less, never more.
    """
    begin = time.process_time()
    box = [(0, 1)] * len(symbols)
    certificate = certify(field, symbols, box, metric, max_boxes=10**9, seconds=seconds)
    del field  # a report of a failure would print it, as a tree
    reached = f"the limit of {seconds:g} s was reached" in str(certificate)
    assert reached == (certificate.status == "undecided")
    assert time.process_time() - begin < 3 * seconds + 10


def test_no_step_of_a_solver_begins_that_takes_longer_than_is_left(monkeypatch):
    """With 40 variables it takes a minute, in which it cannot be stopped."""
    monkeypatch.setattr(cvxpy.Problem, "solve", lambda *_, **__: pytest.fail("it begins"))
    field = [-100 * one + one / (1 + TOTAL**2) ** 2 for one in FORTY]
    certificate = certify(field, FORTY, [(0, 1)] * 40, "search", seconds=40.0)
    assert certificate.status == "undecided"
    assert "a step of its solver takes about 5" in str(certificate)


def test_what_was_proved_when_the_time_is_over_counts():
    """The tolerance is never met, but a positive rate is known from the first boxes."""
    field = [-x - sympy.sin(30 * x * y) ** 2 * x / 400, -y]
    certificate = certify(
        field, [x, y], [(-1, 1)] * 2, tolerance=1e-18, max_boxes=10**9, seconds=5.0
    )
    assert certificate.status == "proved"


@pytest.mark.parametrize(
    ("field", "box", "asked"),
    [
        ([y, -x - 2 * y], [(-1, 1)] * 2, None),
        ([y, -x - 2 * y], [(-1, 1)] * 2, half),
        ([y, -x - 2 * y - sympy.Max(x, 0) / 2], [(-1, 1)] * 2, None),
        ([y, -sympy.sin(x) - 2 * y], [(-1, 1)] * 2, 0.1),  # a pendulum
        ([-x + 5 * y, -y], [(-1, 1)] * 2, 0.9),
        # in between the corners, where the derivative is the same, it is another
        ([y, -x - 2 * y - sympy.cos(sympy.pi * x) / 10], [(0, 2)] * 2, None),
    ],
)
def test_a_metric_is_found_where_the_identity_fails(field, box, asked):
    assert certify(field, [x, y], box, rate=asked).status == "disproved"
    assert "metric='search'" in str(certify(field, [x, y], box, rate=asked))
    certificate = certify(field, [x, y], box, metric="search", rate=asked)
    assert certificate.status == "proved", str(certificate)
    assert "in the metric M ≈ [[" in str(certificate)
    points = np.random.default_rng(3).uniform(*np.array(box, dtype=float).T, (2000, 2))
    assert least_rate(field, certificate.metric, points) >= certificate.rate - 1e-9
    again = certify(field, [x, y], box, certificate.metric, rate=certificate.rate)
    assert again.status == "proved"


@pytest.mark.parametrize(
    ("field", "asked", "most"),
    [
        ([y, x - 2 * y], None, 1 - math.sqrt(2)),  # a saddle
        ([y, -x], None, 0),
        ([y, -x - 2 * y], 2, 1),
        ([y - x, -x - y], sympy.Rational(11, 10), 1),
    ],
)
def test_what_no_metric_has_is_disproved(field, asked, most):
    certificate = certify(field, [x, y], [(-1, 1)] * 2, metric="search", rate=asked)
    assert certificate.status == "disproved"
    assert certificate.metric is None
    assert certificate.rate_at_most == pytest.approx(most)
    assert str(certificate).endswith("in every constant metric")


def test_a_search_that_finds_nothing_says_so():
    # the best rate, 1, is that of no metric: the eigenvalue −1 has one eigenvector only
    certificate = certify([y, -x - 2 * y], [x, y], [(-1, 1)] * 2, metric="search", rate=1)
    assert certificate.status == "undecided"
    assert "no constant metric was found" in certificate.reason


def test_a_search_ends_with_the_identity_where_only_that_is_exact():
    certificate = certify(
        [-x / 10, -y / 10], [x, y], [(-1, 1)] * 2, metric="search", rate=sympy.Rational(1, 10)
    )
    assert certificate.status == "proved"


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
        lambda self, box, centre: [system.Enclosure(centre)],
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


def deep():
    """Return an expression that is nested more deeply than Python's stack."""
    found = x
    for _ in range(400):
        found = sympy.sin(found, evaluate=False)
    return found


def test_one_pair_is_the_box_of_all_coordinates():
    system = [-x + sympy.sin(y) / 2, -y + sympy.sin(x) / 2]
    one, each = certify(system, [x, y], (-3, 3)), certify(system, [x, y], [(-3, 3)] * 2)
    assert (one.status, one.rate) == (each.status, each.rate) == ("proved", each.rate)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((sympy.floor(x), x, [(0, 1)]), "cannot enclose floor"),
        ((sympy.sign(x) - x, x, [(0, 1)]), "cannot enclose sign"),
        ((sympy.acot(x), x, [(0, 1)]), "cannot enclose acot"),
        ((sympy.Function("exp")(x), x, [(0, 1)]), "cannot enclose exp"),
        ((sympy.Integral(k, (k, 0, x)), x, [(0, 1)]), "cannot enclose Integral"),
        ((-x + sympy.oo, x, [(0, 1)]), "contains oo"),
        ((sympy.nan * x, x, [(0, 1)]), "contains nan"),
        ((-x * sympy.Float("1e10000"), x, [(0, 1)]), "too large or too small"),
        ((deep(), x, [(0, 1)]), "nested too deeply"),
        ((-x, x, [(0, 10**5000)]), "beyond 1e300"),
        ((-x, x, {"x": (0, 1)}), "several symbols are called x"),
        ((-x, sympy.Symbol("x", real=True), [(0, 1)]), "several symbols are called x"),
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
        ((-x, [[1.0]], [(0, 1)]), r"the symbols are \[\[1.0\]\]"),
        ((-x, 10**5000, [(0, 1)]), "the symbols are a whole number of"),
        ((-x, x, [(10**5000, 0)]), "wrong order: a whole number of"),
        ((-x * k, x, [(0, 1)]), "no interval for k"),
        ((-x, x, {x: (0, 1), y: (0, 1)}), "has y"),
        (("-x", x, [(0, 1)]), "no sympy expression"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 2], [2, 1]]), "positive definite"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 1], [1, 1]]), "positive definite"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, 2], [0, 1]]), "symmetric"),
        (([-x, -y], [x, y], [(0, 1)] * 2, "M"), "symmetric"),
        (([-x, -y], [x, y], [(0, 1)] * 2, np.float32(1)), "symmetric 2 × 2 matrix"),
        (([-x, -y], [x, y], [(0, 1)] * 2, 10**5000), "symmetric 2 × 2 matrix"),
        (([-x, -y], [x, y], [(0, 1)] * 2, [[1, x], [x, 1]]), "constant"),
        (([-x], [x], [(0, 1)], b"1"), "symmetric 1 × 1 matrix .* It is b'1'"),
        (([-x], [x], [(0, 1)], bytearray(b"1")), "symmetric 1 × 1 matrix"),
        (([-x], [x], [(0, 1)], [b"1"]), "symmetric 1 × 1 matrix"),
        ((np.array(2), [x], [(0, 1)]), r"array\(2\) is no sympy expression"),
        ((b"1", [x], [(0, 1)]), "b'1' is no sympy expression"),
        (([sympy.Matrix([-x])], [x], [(0, 1)]), r"Matrix\(\[\[-x\]\]\) is no sympy expression"),
        ((-x, np.array(x), [(0, 1)]), "the symbols are array"),
        ((-x, [x], np.array(1)), r"the box is array\(1\)"),
        ((-x, [x], b"01"), "the box is b'01'"),
        ((-x, [x], [b"01"]), "the box gives b'01' for x"),
        ((-x, [x], {x: "01"}), "the box gives '01' for x"),
    ],
)
def test_bad_input_gives_a_sentence(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        certify(*arguments)


LIMITS = [
    {"max_boxes": 0},
    {"max_boxes": -(10**5000)},
    {"tolerance": -1},
    {"rate": "fast"},
    {"rate": 10**400},
    {"seconds": 0},
    {"seconds": 10**400},
    {"seconds": math.nan},
    {"seconds": "1"},
    {"seconds": True},
]


@pytest.mark.parametrize("limits", LIMITS)
def test_bad_limits_give_a_sentence(limits):
    with pytest.raises(InvalidArgumentError):
        certify(-x, x, [(0, 1)], **limits)


def test_an_answer_prints_no_more_than_it_knows():
    proved = certify(-2 * x / 3, x, [(0, 1)])
    assert str(proved) == (
        "proved: contracts at the rate 0.666666 on the whole box, in the identity metric"
    )
    refuted = certify(2 * x / 3, x, [(0, 1)])
    assert str(refuted).startswith("disproved: the rate is at most -0.666666 at x = ")


@pytest.mark.parametrize(
    ("declared", "interval"),
    [
        ("positive", (0, 1)),
        ("positive", (-1, 1)),
        ("negative", (-1, 1)),
        ("negative", (-1, 0)),
        ("nonnegative", (-1, 1)),
        ("nonpositive", (-1, 1)),
        ("nonzero", (-1, 1)),
        ("zero", (0, 1)),
        ("integer", (0, 1)),
        ("even", (2, 4)),
        ("prime", (2, 3)),
        ("noninteger", (0, 1)),
        ("rational", (0, 1)),
        ("algebraic", (0, 1)),
        ("irrational", (1, 2)),
        ("transcendental", (1, 2)),
        ("imaginary", (1, 2)),
        ("infinite", (1, 2)),
        ("extended_positive", (0, 1)),
        ("integer", (half, half)),
        ("prime", (4, 4)),
    ],
)
def test_a_box_outside_the_domain_of_a_symbol_is_refused(declared, interval):
    q = sympy.Symbol("q", **{declared: True})
    for field, state in (([-q], [q]), ([-x * (1 + q**2)], [x])):
        with pytest.raises(
            InvalidArgumentError, match=f"q is declared {declared}, which not every"
        ):
            certify(field, state, {x: (0, 1), q: interval} if state == [x] else {q: interval})


def test_what_was_simplified_with_a_sign_is_not_believed_elsewhere():
    """√(q²) is −q for negative q; for positive q the slope of the system is 1."""
    q = sympy.Symbol("q", negative=True)
    field = [-2 * q + 3 * sympy.sqrt(q**2)]
    with pytest.raises(InvalidArgumentError, match="q is declared negative"):
        certify(field, [q], {q: (-1, 1)})
    assert certify(field, [q], {q: (-2, -1)}).rate == pytest.approx(5)


@pytest.mark.parametrize(
    ("declared", "interval"),
    [
        ({"real": True}, (-1, 1)),
        ({"complex": True}, (-1, 1)),
        ({"finite": True}, (-1, 1)),
        ({"positive": True}, (half, 1)),
        ({"nonnegative": True}, (0, 1)),
        ({"negative": True}, (-2, -1)),
        ({"nonzero": True}, (half, 1)),
        ({"noninteger": True, "real": True}, (half, 3 * half / 2)),
        ({"integer": True}, (2, 2)),
        ({"prime": True}, (3, 3)),
        ({"zero": True}, (0, 0)),
        ({"positive": False, "real": True}, (-1, 0)),
        ({"prime": False, "real": True}, (-3, 1)),
    ],
)
def test_a_box_in_the_domain_of_a_symbol_is_accepted(declared, interval):
    q = sympy.Symbol("q", **declared)
    assert certify([-x * (1 + q**2)], [x], {x: (0, 1), q: interval}).status == "proved"


@pytest.mark.parametrize("declared", ["real", "commutative", "finite"])
def test_a_symbol_that_is_not_real_is_refused(declared):
    q = sympy.Symbol("q", **{declared: False})
    with pytest.raises(InvalidArgumentError, match="q is declared "):
        certify([-q], [q], {q: (0, 1)})
