"""Covariances of noise: matrices that are symmetric and positive semidefinite, by their form or by name.

No noise has another matrix, so an equation with one has no solutions, and all is true of them. Sums of
such matrices, products entry by entry (Schur), and multiples by what is not negative are covariances.
"""

from typing import Any

import sympy

from theory.proofs.domains import is_real
from theory.proofs.relation import ProofError
from theory.proofs.signs import is_nonnegative, is_zero
from theory.symbols import dimension


class Covariance(sympy.IndexedBase):  # type: ignore[misc]
    """An array B Bᵀ: over its last two indices a covariance, at every state and for the others fixed."""

    semidefinite = True


def demand_covariance(value: Any, a: Any, c: Any) -> None:
    """Raise ProofError unless a value is, for all coordinates a and c, the entry of a covariance."""
    value = sympy.sympify(value)
    if not (_is_sum(value, a, c) or _has_known_eigenvalues(value, a, c)):
        raise ProofError(
            f"{value} is no covariance, or not known to be one: show it by its form, as "
            "Σ_m B[a, m] B[c, m] or a multiple of δ_ac, or declare the array as a `Covariance`."
        )


def _is_sum(value: Any, a: Any, c: Any) -> bool:
    terms = sympy.Add.make_args(value)
    return all(one == 0 or _is_covariance(one, a, c) for one in terms)


def _has_known_eigenvalues(value: Any, a: Any, c: Any) -> bool:
    """Return whether a value is α δ_ac + β, whose eigenvalues α and α + nβ are not negative."""
    delta, expanded = sympy.KroneckerDelta(a, c), sympy.expand(value)
    own = expanded.coeff(delta)
    common = sympy.expand(expanded - own * delta)
    if own.has(a, c) or common.has(a, c):
        return False
    # one coordinate alone has α + β, which lies between the two
    return is_nonnegative(own) and is_nonnegative(own + dimension * common)


def _is_covariance(term: Any, a: Any, c: Any) -> bool:
    """Return whether a term is a product of covariances, entry by entry, that is not negative."""
    delta = sympy.KroneckerDelta(a, c)
    factors = list(_factors(term))
    if delta in factors:
        # diagonal, with these entries
        return is_nonnegative(term.xreplace({delta: sympy.S.One}).subs(c, a))
    weight, first, second = sympy.S.One, sympy.S.One, sympy.S.One
    for factor in factors:
        if not factor.has(a, c):
            # a delta is 0 or 1, which sympy does not know
            weight *= sympy.S.One if isinstance(factor, sympy.KroneckerDelta) else factor
        elif not factor.has(c):
            first *= factor
        elif not factor.has(a):
            second *= factor
        elif not (_is_declared(factor, a, c) or _is_gram(factor, a, c)):
            return False
    square = is_real(first) and is_zero(first.subs(a, c) - second)
    return square and is_nonnegative(weight)


def _factors(term: Any) -> list[Any]:
    """Return the factors; a whole power counts as that many."""
    found = []
    for factor in sympy.Mul.make_args(term):
        whole = factor.is_Pow and factor.exp.is_Integer and factor.exp.is_positive
        found += [factor.base] * int(factor.exp) if whole else [factor]
    return found


def _is_declared(factor: Any, a: Any, c: Any) -> bool:
    """Return whether a factor is an entry of an array that is declared as a covariance."""
    if not (isinstance(factor, sympy.Indexed) and isinstance(factor.base, Covariance)):
        return False
    *others, first, second = factor.indices
    fixed = not any(sympy.sympify(index).has(a, c) for index in others)
    return bool(fixed and {first, second} == {a, c} and factor.is_real)


def _is_gram(factor: Any, a: Any, c: Any) -> bool:
    """Return whether a factor is a sum of covariances over indices of its own."""
    if not isinstance(factor, sympy.Sum) or any(limit.has(a, c) for limit in factor.limits):
        return False
    return _is_sum(factor.function, a, c)
