"""A certificate as a proof in steps: contraction at the corners, hence everywhere between them."""

import contextlib
import itertools
import time
from collections.abc import Mapping
from typing import Any

import sympy

from sdeopt.arguments import what_it_is
from sdeopt.errors import InvalidArgumentError, shown
from theory.metrics.exact import MetricCertificate, Rows, listed
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most
from theory.proofs.result import Derivation

Ranges = Mapping[Any, tuple[Any, Any]]


def corners(jacobian: Any, ranges: Ranges) -> list[Any]:
    """Return a Jacobian at all corners of a box.

    Parameters
    ----------
    jacobian : sympy.Matrix
        A matrix of numbers and of the symbols that vary.
    ranges : mapping of sympy.Symbol to pairs
        The rational ends of the interval of each symbol.

    Returns
    -------
    list of sympy.Matrix
        One for each corner. Their convex hull contains the Jacobian everywhere in the box if it is
        affine in each symbol, which `prove_contraction` checks.

    Raises
    ------
    InvalidArgumentError
        The Jacobian is no matrix, or a range is not that of a symbol, or no pair of numbers (low, high)
        with low < high.

    Examples
    --------
    >>> import sympy
    >>> h = sympy.Symbol("h", real=True)
    >>> corners(sympy.Matrix([[-h]]), {h: (1, 2)})
    [Matrix([[-1]]), Matrix([[-2]])]
    """
    matrix, intervals = _jacobian(jacobian), _ends(ranges)
    return [
        matrix.subs(dict(zip(ranges, ends, strict=True))) for ends in itertools.product(*intervals)
    ]


def prove_contraction(jacobian: Any, ranges: Ranges, certificate: MetricCertificate) -> Derivation:
    """Prove that a Jacobian contracts in a certified metric everywhere in a box.

    At each corner −yᵀ(MA + r M)y is written as a sum of squares. Inside, a Jacobian that is affine in
    each symbol is a mean of those at the corners, weighted with products of the distances from the
    ends; for any other the last step fails.

    Parameters
    ----------
    jacobian : sympy.Matrix
        The Jacobian, in the symbols that vary.
    ranges : mapping of sympy.Symbol to pairs
        Their intervals, with rational ends.
    certificate : MetricCertificate
        The metric and rate claimed.

    Returns
    -------
    Derivation
        The steps; its conclusion "contraction" is yᵀMAy <= −r yᵀMy for every vector y.

    Raises
    ------
    ProofError
        It does not contract so, or is not affine in each symbol; or the metric is not positive definite,
        or the rate or the floor not positive.
    InvalidArgumentError
        As for `corners`; or the certificate is none, or of a system of another size.

    Examples
    --------
    >>> import sympy
    >>> from theory.metrics import best_metric
    >>> h = sympy.Symbol("h", real=True)
    >>> oscillator, stiffness = sympy.Matrix([[0, 1], [-h, -2]]), {h: (1, 2)}
    >>> found = best_metric(corners(oscillator, stiffness))
    >>> prove_contraction(oscillator, stiffness, found).status
    'proved'
    """
    start = time.perf_counter()
    if not isinstance(certificate, MetricCertificate):
        raise InvalidArgumentError(
            f"the certificate is {shown(certificate)}, but must be one that best_metric or "
            "sharpest_metric returns."
        )
    for claim, holds in certificate.claims().items():
        if not holds:
            raise ProofError(f"the certificate claims that {claim}, which is false.")
    ranges = dict(zip(ranges, _ends(ranges), strict=True))
    jacobian = _jacobian(jacobian)
    rows, size = jacobian.shape, certificate.system.size
    if not rows == (size, size) == _matrix(certificate.metric).shape:
        raise InvalidArgumentError(
            f"the Jacobian has shape {rows}, but the certificate is of systems with {size} coordinates; "
            "give the certificate of this system."
        )
    assumptions = {symbol: _between(symbol, ends) for symbol, ends in ranges.items()}
    proof = Proof(one for pair in assumptions.values() for one in pair)
    vector = sympy.Matrix(sympy.symbols(f"y_1:{size + 1}", real=True))
    metric, rate = _matrix(certificate.metric), sympy.Rational(certificate.rate)

    def decrease(at: Any) -> Any:
        inside = -metric * (at + rate * sympy.eye(size))
        return (vector.T * inside * vector)[0]

    using: dict[Fact, Any] = {}
    for corner, ends in zip(
        corners(jacobian, ranges), itertools.product((0, 1), repeat=len(ranges)), strict=True
    ):
        form = decrease(corner)
        squares = _sum_of_squares(form, vector)
        fact = proof.at_most(0, form, "a sum of squares at a corner", certificate=squares)
        share = sympy.S.One
        for (symbol, (low, high)), end in zip(ranges.items(), ends, strict=True):
            side = proof.assume(assumptions[symbol][1 - end].name)
            fact = proof.product(side, fact, "times the distance from the other end")
            share /= sympy.sympify(high) - sympy.sympify(low)
        using[fact] = share
    along, length = (
        (vector.T * metric * jacobian * vector)[0],
        vector.T * metric * vector,
    )
    conclusion = proof.at_most(
        along, -rate * length[0], "a mean of the corners", using=using, certificate=0
    )
    floor = sympy.Rational(certificate.floor)
    output = _matrix(certificate.system.measured) * vector
    over = length[0] - floor * (output.T * output)[0]
    above = proof.at_most(
        floor * (output.T * output)[0],
        length[0],
        "the metric is above its floor",
        certificate=_sum_of_squares(over, vector),
    )
    reached = {"contraction": conclusion, "floor": above}
    return Derivation(tuple(proof.facts), reached, time.perf_counter() - start)


def _jacobian(given: Any) -> Any:
    """Return a matrix of sympy."""
    matrix = None
    if listed(given) and not what_it_is(given):
        with contextlib.suppress(TypeError, ValueError, NotImplementedError):
            matrix = sympy.Matrix(given)
    if matrix is None:
        raise InvalidArgumentError(
            f"the Jacobian is {shown(given)}, but must be a sympy Matrix, or rows of one length, of "
            "numbers and sympy expressions."
        )
    return matrix


def _ends(ranges: Any) -> list[tuple[Any, Any]]:
    """Return the intervals as numbers of sympy."""
    symbols = listed(ranges) if isinstance(ranges, Mapping) else None
    if symbols is None or not all(isinstance(symbol, sympy.Symbol) for symbol in symbols):
        raise InvalidArgumentError(
            f"the ranges are {shown(ranges)}, but must be a mapping from sympy symbols to pairs, as in "
            "{h: (1, 2)}."
        )
    found = []
    for symbol, given in ranges.items():
        try:
            low, high = map(sympy.sympify, () if what_it_is(given) else given)
            ordered = low.is_finite and high.is_finite and bool(low < high)
        except (TypeError, ValueError, AttributeError, sympy.SympifyError):
            ordered = False
        if not ordered:
            raise InvalidArgumentError(
                f"the range of {symbol} is {shown(given)}, but must be a pair of numbers (low, high) "
                "with low < high; put a single value into the Jacobian."
            )
        found.append((low, high))
    return found


def _between(symbol: Any, ends: tuple[Any, Any]) -> tuple[Assumption, Assumption]:
    low, high = map(sympy.sympify, ends)
    return (
        Assumption(f"{symbol} from below", f"{symbol} >= {low}", at_most(low, symbol)),
        Assumption(f"{symbol} from above", f"{symbol} <= {high}", at_most(symbol, high)),
    )


def _matrix(rows: Rows) -> Any:
    return sympy.Matrix([[sympy.Rational(entry) for entry in row] for row in rows])


def _sum_of_squares(form: Any, vector: Any) -> Any:
    """Complete squares, one variable at a time; a remainder means that this failed."""
    total, rest = sympy.S.Zero, sympy.expand(form)
    for entry in vector:
        lead = rest.coeff(entry, 2)
        if lead == 0:
            continue
        root = entry + rest.coeff(entry, 1) / (2 * lead)
        total += lead * root**2
        rest = sympy.expand(rest - lead * root**2)
    return total + rest
