"""Certificates of contraction on a box; the search for them is in `theory.certify.search`."""

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from flint import ctx

from sdeopt.errors import InvalidArgumentError, shown
from theory.certify.arguments import (
    SEARCH,
    boxed,
    exact_number,
    fielded,
    metric_of,
    rate_of,
    seconds_of,
    stated,
)
from theory.certify.certificate import Certificate
from theory.certify.expressions import Deadline, Differentiation, OutOfTimeError, Reader
from theory.certify.metric_search import searched
from theory.certify.question import Question
from theory.certify.search import Limits

PRECISION = 64


def certify(
    expressions: Any,
    symbols: Any,
    box: Mapping[Any, tuple[Any, Any]] | Sequence[Any],
    metric: Any = None,
    *,
    rate: Any = None,
    tolerance: float = 0.01,
    max_boxes: int = 10_000,
    seconds: float = 30.0,
) -> Certificate:
    """Prove, or disprove, that a system contracts at every point of a box.

    Parameters
    ----------
    expressions : sympy.Expr or sequence of sympy.Expr
        F of dx/dt = F(x), one expression for each symbol. A float counts at its exact binary value:
        0.1 is a little more than 1/10.
    symbols : sympy.Symbol or sequence of sympy.Symbol
        The state x, real.
    box : mapping of sympy.Symbol to (low, high), or sequence of (low, high), or one (low, high) for all
        The interval of each symbol, finite. A mapping may include further symbols of F, a parameter or
        the time; the answer then holds for all their values. An interval must lie in the domain that
        its symbol is declared to have: a positive one has no interval with 0, an integer one a single
        number.
    metric : sympy.Matrix or "search", optional
        M, constant, symmetric and positive definite: distances are √(xᵀMx). For coordinates Θx it is
        Θ.T * Θ. The identity by default. With "search" a metric is looked for (linear matrix
        inequalities at some points of the box propose it); it is proved like one that is given.
    rate : number, optional
        The rate to prove. Without it the question is whether a positive rate exists, and the search is
        for the best one. A rate that is exactly attained, as 1/10 by −x/10, is proved where the
        arithmetic is exact. A float counts at its exact binary value, as in F: −0.1 x has the rate
        0.1, −x/10 has not, but Rational(1, 10).
    tolerance : float
        The relative distance from the best rate at which the search stops; only without ``rate``.
    max_boxes : int
        The largest number of boxes to examine.
    seconds : float
        The time after which the answer is "undecided", and says so; without ``rate``, "proved" if a
        positive rate is known by then. It may be exceeded by the last operation of sympy; a
        step of the solver of a search is not begun when it is expected to exceed it.

    Returns
    -------
    Certificate
        Proved, disproved or undecided; rounding errors cannot make a proof or a disproof wrong.

    Raises
    ------
    InvalidArgumentError
        An argument is not understood, F contains a function that cannot be enclosed, or an interval
        leaves the declared domain of its symbol.

    Notes
    -----
    The largest eigenvalue of the symmetric part of M ∂F/∂x, relative to M, is enclosed on smaller and
    smaller boxes in ball arithmetic (Arb). The proof relies on Arb and on the derivatives of sympy's
    functions. At a kink (``Abs``, ``Max``, ``Min``) the derivatives of both sides count, as far as the
    box reaches there. In another metric a system may contract that does not in the identity; a search
    disproves only what no constant metric has, by an eigenvalue of ∂F/∂x.

    Two trajectories approach each other at the proved rate while the segment between them is in the
    box. It is not shown that they stay in it: a box need not be invariant.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(certify([y - x, -x - y**3 - y], [x, y], [(-2, 2), (-2, 2)]))
    proved: contracts at the rate 0.999999 on the whole box, in the identity metric
    >>> print(certify(x - x**3, [x], [(0, 2)]))
    disproved: the rate is at most -1 at x = 0, in the identity metric
    >>> damped = [y, -x - 2 * y]
    >>> certify(damped, [x, y], [(-1, 1)] * 2).status
    'disproved'
    >>> certify(damped, [x, y], [(-1, 1)] * 2, metric="search", rate=0.5).status
    'proved'
    """
    limits = [exact_number(max_boxes, "max_boxes"), exact_number(tolerance, "the tolerance")]
    if min(limits) <= 0:
        raise InvalidArgumentError(
            f"max_boxes is {shown(max_boxes)} and the tolerance {shown(tolerance)}; both must be "
            "positive."
        )
    deadline = Deadline(seconds_of(seconds))
    asked = rate_of(rate)
    state = stated(symbols)
    field = fielded(expressions, state)
    limit = Limits(limits[1], limits[0], deadline)
    try:
        with ctx.workprec(PRECISION):
            sought = isinstance(metric, str) and metric == SEARCH
            matrix = None if sought else metric_of(metric, len(state), deadline)
            others, ends = boxed(box, state, field, deadline)
            names = (*state, *others)
            # In the box the symbols are real numbers, however they are declared.
            real = {one: sympy.Dummy(str(one), real=True) for one in names}
            read = Reader(real, deadline)
            shift = 0 if asked is None else sympy.Rational(asked.numerator, asked.denominator)
            moved = tuple(
                read(one) + shift * real[symbol] for one, symbol in zip(field, state, strict=True)
            )
            question = Question(
                names,
                moved,
                tuple(real.values()),
                ends,
                rate,
                asked,
                limit,
                Differentiation(deadline),
            )
            return searched(question) if matrix is None else question.answer(matrix)
    except OutOfTimeError:
        reason = f"the limit of {seconds:g} s was reached while the system was read."
        return Certificate("undecided", None, None, None, 0, reason, asked=rate)
    except RecursionError:
        raise InvalidArgumentError(
            "the system is nested too deeply for sympy; give a shorter expression."
        ) from None
