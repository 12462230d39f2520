"""The best constant metric for a polytope of Jacobians: of largest rate, or of least bound."""

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from sdeopt.arguments import finite_number, one_of
from sdeopt.errors import InvalidArgumentError, shown
from theory.metrics.exact import MetricCertificate, Polytope, Rows, as_array, as_rows, listed
from theory.metrics.lmi import LeastGain

DIGITS = 1e-6
"""The relative precision at which the bisection of the rate stops."""
SLOWEST = 0.02
"""The smallest rate tried for a small gain, as a share of the largest rate."""
BACK = (1, Fraction(999, 1000), Fraction(99, 100), Fraction(9, 10))
"""Shares of a rate tried in turn until exact arithmetic confirms one."""
BITS = 40
"""The length to which rates are rounded down."""
POWERS = {"disturbance": 0.5, "noise": 1.0}
"""The bound is gain ** power / rate."""


def system_of(
    vertices: Sequence[Any],
    directions: Sequence[Any] = (),
    enters: Any = None,
    measured: Any = None,
) -> Polytope:
    """Return a polytope of Jacobians, with all numbers exact."""
    corners = _matrices(vertices, "vertices")
    if not corners:
        raise InvalidArgumentError("a polytope of Jacobians needs at least one vertex, none given.")
    size = len(corners[0])
    identity = as_rows(np.eye(size).tolist())
    system = Polytope(
        vertices=corners,
        directions=_matrices(directions, "directions"),
        enters=identity if enters is None else as_rows(enters),
        measured=identity if measured is None else as_rows(measured),
    )
    for square in (*system.vertices, *system.directions):
        if len(square) != size or any(len(row) != size for row in square):
            raise InvalidArgumentError(
                f"vertices and directions must be square matrices of one size, here {size} rows."
            )
    if len(system.enters) != size or any(len(row) != size for row in system.measured):
        raise InvalidArgumentError(
            f"enters must have {size} rows and measured {size} columns, as the Jacobian has."
        )
    return system


def _matrices(given: Any, name: str) -> tuple[Rows, ...]:
    matrices = listed(given)
    if matrices is None:
        raise InvalidArgumentError(
            f"{name} is {shown(given)}, but must be a list of square matrices; write [matrix] for one."
        )
    return tuple(map(as_rows, matrices))


def best_metric(
    vertices: Sequence[Any], directions: Sequence[Any] = (), *, condition: float = 1e4
) -> MetricCertificate:
    """Return the constant metric of largest contraction rate, as a theorem.

    The rate is bisected; at each rate an open solver proposes a metric, which is rounded to rational
    numbers and counts only when exact arithmetic confirms it (`MetricCertificate.checks`).

    Parameters
    ----------
    vertices : sequence of array_like
        Jacobians whose convex hull contains every Jacobian of the system. Floats count at their exact
        binary value; give fractions or sympy rationals for other numbers.
    directions : sequence of array_like, optional
        Directions in which the Jacobians are unbounded, e.g. −1 at the place of a Hessian without an
        upper bound.
    condition : float, optional
        The largest condition number allowed for Θ, M = ΘᵀΘ.

    Returns
    -------
    MetricCertificate
        The metric with its rate. The rate is proved; that no other metric has a larger one is only
        the result of the solver.

    Raises
    ------
    InvalidArgumentError
        No metric is confirmed to contract, a number is too large for the search, or an argument is no
        list of matrices or no number.

    Examples
    --------
    A damped oscillator whose stiffness changes between 1 and 2:

    >>> found = best_metric([[[0, 1], [-1, -2]], [[0, 1], [-2, -2]]])
    >>> found.holds(), round(float(found.rate), 3)
    (True, 0.646)
    """
    return _best(system_of(vertices, directions), _condition(condition))


def sharpest_metric(
    vertices: Sequence[Any],
    directions: Sequence[Any] = (),
    *,
    enters: Any = None,
    measured: Any = None,
    of: str = "disturbance",
    condition: float = 1e4,
) -> MetricCertificate:
    """Return the constant metric with the least bound, as a theorem.

    The metric with the largest rate r need not have the least bound, √q / r or q / (2 r), because of its
    gain q (`MetricCertificate`); this one minimizes the bound.

    Parameters
    ----------
    vertices, directions : sequence of array_like
        As in `best_metric`.
    enters, measured : array_like, optional
        G, through which disturbances and noise enter, and E, the output; all coordinates by default.
    of : {"disturbance", "noise"}
        Which bound: √q / r or q / (2 r).
    condition : float, optional
        The largest √q allowed.

    Returns
    -------
    MetricCertificate
        The metric with its rate and gain.

    Raises
    ------
    InvalidArgumentError
        As for `best_metric`.

    Examples
    --------
    >>> stiff = [[[-1, 10], [0, -2]]]
    >>> fast, sharp = best_metric(stiff), sharpest_metric(stiff)
    >>> sharp.holds(), sharp.rate < fast.rate, sharp.disturbance < fast.disturbance
    (True, True, True)
    """
    one_of(of, "bound", POWERS)
    return _sharpest(system_of(vertices, directions, enters, measured), of, _condition(condition))


def good_metric(
    vertices: Sequence[Any], share: float, left: Callable[[], float]
) -> MetricCertificate | None:
    """Return a metric with a share of the largest rate, found while there are seconds left.

    It is the one of least condition at its rate: a nearly singular metric is of little use.
    """
    program = LeastGain(system_of(vertices), left)
    for condition in (1e2, 1e4):
        try:
            fastest = _fastest(program, condition, digits=1e-3)
        except InvalidArgumentError:
            continue
        return program.certified(_rounded_down(share * float(fastest.rate))) or fastest
    return None


# A grid repeats the same polytope often, and each costs dozens of semidefinite programs.
@functools.lru_cache(maxsize=1024)
def _best(system: Polytope, condition: float) -> MetricCertificate:
    return _fastest(LeastGain(system), condition, DIGITS)


@functools.lru_cache(maxsize=1024)
def _sharpest(system: Polytope, of: str, condition: float) -> MetricCertificate:
    from scipy.optimize import minimize_scalar

    program = LeastGain(system)
    fastest = _fastest(program, condition, 1e-3)
    most = float(fastest.rate)

    def bound(rate: float) -> float:
        gain = program.gain(rate)
        return math.inf if gain is None else gain ** POWERS[of] / rate

    least = minimize_scalar(
        bound, bounds=(SLOWEST * most, most), method="bounded", options={"xatol": 1e-4 * most}
    )
    for share in BACK:
        found = program.certified(_rounded_down(float(least.x) * float(share)))
        if found is not None and _of(found, of) <= _of(fastest, of):
            return found
    return fastest


def _condition(given: float) -> float:
    """Return the largest condition allowed; it may be infinite."""
    if isinstance(given, float) and given == math.inf:
        return given
    return finite_number(given, "condition", 0.0, open_end=True)


def _of(found: MetricCertificate, of: str) -> float:
    return found.disturbance if of == "disturbance" else found.noise


def _fastest(program: LeastGain, condition: float, digits: float) -> MetricCertificate:
    """Bisect the rate and return the best confirmed metric."""
    slowest = min(_decay(as_array(vertex)) for vertex in program.system.vertices)
    if slowest <= 0.0:
        raise InvalidArgumentError(
            f"a vertex has an eigenvalue of real part {-slowest:g}, so no metric contracts; all must "
            "be negative."
        )
    low, high = 0.0, slowest
    best: MetricCertificate | None = None
    while high - low > digits * high and high > DIGITS * slowest:
        if program.left is not None and program.left() <= 0.0:
            break
        rate = (low + high) / 2
        found = program.certified(_rounded_down(rate))
        if found is not None and found.condition <= condition:
            low, best = rate, found
        else:
            high = rate
    if best is None:
        raise InvalidArgumentError(
            "no constant metric was found that contracts at all vertices; damp the system more or "
            "bring the vertices together."
        )
    return best


def _decay(vertex: Any) -> float:
    return -float(np.linalg.eigvals(vertex).real.max())


def _rounded_down(rate: float) -> Fraction:
    _, exponent = math.frexp(rate)
    unit = Fraction(2) ** (exponent - BITS)
    return math.floor(Fraction(rate) / unit) * unit
