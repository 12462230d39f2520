"""The question whether a system contracts on a box: asked here, answered by `theory.certify.search`."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx

from sdeopt.errors import InvalidArgumentError
from theory.certify.arguments import boxed, exact_number, fielded, metric_of, stated
from theory.certify.balls import float_above, float_below
from theory.certify.certificate import Certificate
from theory.certify.rate import Matrix, basis, rate_at_least
from theory.certify.search import Search
from theory.certify.system import System
from theory.certify.tape import Tape

PRECISION = 64


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
        F of dx/dt = F(x), one expression for each symbol. A float in it is the binary number that it
        is.
    symbols : sympy.Symbol or sequence of sympy.Symbol
        The state x, real.
    box : mapping of sympy.Symbol to (low, high), or sequence of (low, high)
        The interval of each symbol, finite. A mapping may hold further symbols of F, a parameter or
        the time; the answer then is for all their values.
    metric : sympy.Matrix, optional
        M, constant, symmetric and positive definite: distances are √(xᵀMx). For coordinates Θx it is
        Θ.T * Θ. The identity by default.
    rate : number, optional
        The rate to prove. Without it the question is whether there is a positive one, and the best is
        looked for.
    tolerance : float
        How close to the best rate, relative to it, is close enough; only without ``rate``.
    max_boxes : int
        How many boxes to look at before giving up.

    Returns
    -------
    Certificate
        Proved, disproved or undecided. What is proved or disproved is so whatever the rounding.

    Raises
    ------
    InvalidArgumentError
        An argument is not understood, or F holds a function that cannot be enclosed.

    Notes
    -----
    The largest eigenvalue of the symmetric part of M ∂F/∂x, relative to M, is enclosed on ever smaller
    boxes in ball arithmetic (Arb). Trusted are Arb, and sympy's derivatives. F may have kinks
    (``Abs``, ``Max``): there all derivatives between those at the sides of the kink count.

    Two trajectories approach each other at the rate proved while the segment between them is in the
    box. That they stay in it is not shown: a box need not be invariant.

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
    # Whatever the symbols are declared to be, in the box they are real numbers.
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
    """Return the metric in balls; that it is positive definite is verified with every use."""
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
