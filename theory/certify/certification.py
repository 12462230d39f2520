"""Certificates of contraction on a box; the search for them is in `theory.certify.search`."""

import dataclasses
import decimal
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx

from sdeopt.errors import InvalidArgumentError
from theory.certify.arguments import boxed, exact_number, fielded, metric_of, stated
from theory.certify.balls import float_above, float_below
from theory.certify.rate import Matrix, basis, rate_at_least
from theory.certify.search import Search, Status
from theory.certify.system import System
from theory.certify.tape import Tape

PRECISION = 64


@dataclasses.dataclass(frozen=True)
class Certificate:
    """The answer to the question whether a system contracts on a box.

    Attributes
    ----------
    status : {"proved", "disproved", "undecided"}
        The answer.
    rate : float, optional
        When proved: a rate, exactly this number, at which the system contracts at every point.
    rate_at_most : float, optional
        No larger rate holds on the whole box; `point` shows it.
    point : mapping of sympy.Symbol to sympy.Rational, optional
        The examined point that contracts least. When disproved: a point without contraction at the
        rate in question, checked in interval arithmetic.
    boxes : int
        The number of boxes examined.
    reason : str
        When undecided: why.

    Examples
    --------
    >>> import sympy
    >>> from theory.certify import certify
    >>> x = sympy.Symbol("x")
    >>> answer = certify([-2 * x], [x], {x: (-1, 1)})
    >>> answer.status, answer.rate > 1.9
    ('proved', True)
    """

    status: Status
    rate: float | None
    rate_at_most: float | None
    point: Mapping[Any, Any] | None
    boxes: int
    reason: str = ""

    def __str__(self) -> str:
        if self.status == "proved":
            rate = _rounded(self.rate, decimal.ROUND_FLOOR)
            return f"proved: contracts at the rate {rate} on the whole box"
        if self.status == "undecided":
            return f"undecided: {self.reason}"
        rate = _rounded(self.rate_at_most, decimal.ROUND_CEILING)
        point = self.point or {}
        where = ", ".join(f"{name} = {float(value):.6g}" for name, value in point.items())
        return f"disproved: the rate is at most {rate} at {where}"


def certify(
    expressions: Any,
    symbols: Any,
    box: Mapping[Any, tuple[Any, Any]] | Sequence[tuple[Any, Any]],
    metric: Any = None,
    *,
    rate: Any = None,
    tolerance: float = 0.01,
    max_boxes: int = 10_000,
) -> Certificate:
    """Prove, or disprove, that a system contracts at every point of a box.

    Parameters
    ----------
    expressions : sympy.Expr or sequence of sympy.Expr
        F of dx/dt = F(x), one expression for each symbol. A float counts at its exact binary value.
    symbols : sympy.Symbol or sequence of sympy.Symbol
        The state x, real.
    box : mapping of sympy.Symbol to (low, high), or sequence of (low, high)
        The interval of each symbol, finite. A mapping may include further symbols of F, a parameter or
        the time; the answer then holds for all their values.
    metric : sympy.Matrix, optional
        M, constant, symmetric and positive definite: distances are √(xᵀMx). For coordinates Θx it is
        Θ.T * Θ. The identity by default.
    rate : number, optional
        The rate to prove. Without it the question is whether a positive rate exists, and the search is
        for the best one.
    tolerance : float
        The relative distance from the best rate at which the search stops; only without ``rate``.
    max_boxes : int
        The largest number of boxes to examine.

    Returns
    -------
    Certificate
        Proved, disproved or undecided; rounding errors cannot make a proof or a disproof wrong.

    Raises
    ------
    InvalidArgumentError
        An argument is not understood, or F contains a function that cannot be enclosed.

    Notes
    -----
    The largest eigenvalue of the symmetric part of M ∂F/∂x, relative to M, is enclosed on smaller and
    smaller boxes in ball arithmetic (Arb). The proof relies on Arb and on sympy's derivatives. At a kink
    of F (``Abs``, ``Max``) all derivatives between the one-sided ones count.

    Two trajectories approach each other at the proved rate while the segment between them is in the
    box. It is not shown that they stay in it: a box need not be invariant.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(certify([y - x, -x - y**3 - y], [x, y], [(-2, 2), (-2, 2)]))
    proved: contracts at the rate 0.999999 on the whole box
    >>> print(certify(x - x**3, [x], [(0, 2)]))
    disproved: the rate is at most -1 at x = 0
    """
    symbols = stated(symbols)
    field = fielded(expressions, symbols)
    others, ends = boxed(box, symbols, field)
    matrix = metric_of(metric, len(symbols))
    asked = None if rate is None else exact_number(rate, "the rate")
    limits = [exact_number(max_boxes, "max_boxes"), exact_number(tolerance, "the tolerance")]
    if min(limits) <= 0:
        raise InvalidArgumentError(
            f"max_boxes is {max_boxes} and the tolerance {tolerance}; both must be positive."
        )
    # In the box the symbols are real numbers, however they are declared.
    real = {one: sympy.Dummy(str(one), real=True) for one in [*symbols, *others]}
    with ctx.workprec(PRECISION):
        system = System(
            [one.xreplace(real) for one in field],
            [real[one] for one in symbols],
            [real[one] for one in others],
            matrix,
        )
        search = Search(system, _balls(matrix), ends, asked, tolerance, max_boxes)
        status, reason = search.run()
    best = search.least
    return Certificate(
        status,
        rate=float_below(search.proved) if status == "proved" else None,
        rate_at_most=None if best is None else float_above(best.rate),
        point=None if best is None else _named([*symbols, *others], best.point),
        boxes=search.boxes,
        reason=reason,
    )


def _balls(matrix: Any) -> Matrix:
    """Return the metric in balls, after a check that it is positive definite."""
    values = Tape(list(matrix), [], [])([])
    rows = [values[row * matrix.cols : (row + 1) * matrix.cols] for row in range(matrix.rows)]
    identity = [
        [arb(int(row == column)) for column in range(matrix.cols)] for row in range(matrix.rows)
    ]
    try:
        definite = rate_at_least(identity, rows, basis(identity, rows)) is not None
    except ValueError:
        definite = False
    if not definite:
        raise InvalidArgumentError(f"the metric must be positive definite, but it is {matrix}.")
    return rows


def _named(symbols: Sequence[Any], point: Sequence[Fraction]) -> dict[Any, Any]:
    return {
        symbol: sympy.Rational(value.numerator, value.denominator)
        for symbol, value in zip(symbols, point, strict=True)
    }


def _rounded(number: float | None, direction: str) -> str:
    """Return six digits, rounded in the safe direction."""
    assert number is not None
    context = decimal.Context(prec=6, rounding=direction)
    return f"{context.create_decimal_from_float(number).normalize():g}"
