"""Relations as data, which sympy does not evaluate as it would ``a <= a + 1``, and errors of proofs."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import sympy

from sdeopt.errors import InvalidArgumentError, SdeoptError


class ProofError(SdeoptError):
    """A step that sympy does not verify, or a proof that does not reach its statement."""


class AssumptionError(InvalidArgumentError):
    """A parameter violates an assumption of a theorem."""


Sign = Literal["=", "<=", "<"]
LATEX = {"=": "=", "<=": r"\le", "<": "<"}


@dataclasses.dataclass(frozen=True)
class Relation:
    """An equality or inequality between two sympy expressions.

    Parameters
    ----------
    left, right : sympy.Expr
        The two sides.
    sign : {"=", "<=", "<"}
        How the left side compares with the right one.

    Examples
    --------
    >>> import sympy
    >>> k, curvature = sympy.symbols("k c")
    >>> print(Relation(curvature, "<", k))
    c < k
    """

    left: Any
    sign: Sign
    right: Any

    @property
    def slack(self) -> Any:
        """The right side less the left one: zero, non-negative or positive."""
        return self.right - self.left

    def contains(self, part: Any) -> bool:
        """Return whether an expression is one of the sides or a part of one."""
        return any(side == part or side.has(part) for side in (self.left, self.right))

    def latex(self) -> str:
        """Return the relation as LaTeX."""
        return f"{sympy.latex(self.left)} {LATEX[self.sign]} {sympy.latex(self.right)}"

    def subs(self, substitution: Mapping[Any, Any]) -> "Relation":
        """Return the relation with symbols replaced, all at once, on both sides."""
        taken = set().union(*(total.variables for total in self._sums()))
        for value in substitution.values():
            caught = taken & sympy.sympify(value).free_symbols
            if caught:
                raise ProofError(f"{value} would be captured by a sum over {caught}; rename it.")
        left, right = (
            sympy.sympify(side).subs(substitution, simultaneous=True)
            for side in (self.left, self.right)
        )
        return Relation(left, self.sign, right)

    def _sums(self) -> set[Any]:
        return set(self.left.atoms(sympy.Sum) | self.right.atoms(sympy.Sum))

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


def equal(left: Any, right: Any) -> Relation:
    """Return the relation left = right, which is stated and not checked.

    Parameters
    ----------
    left, right : sympy.Expr or number
        The two sides.

    Returns
    -------
    Relation
        The relation.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b")
    >>> print(equal((a + b) ** 2, a**2 + 2 * a * b + b**2))
    (a + b)**2 = a**2 + 2*a*b + b**2
    """
    return Relation(sympy.sympify(left), "=", sympy.sympify(right))


def at_most(left: Any, right: Any) -> Relation:
    """Return the relation left <= right, which is stated and not checked.

    Parameters
    ----------
    left, right : sympy.Expr or number
        The two sides.

    Returns
    -------
    Relation
        The relation.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b")
    >>> print(at_most(2 * a * b, a**2 + b**2))
    2*a*b <= a**2 + b**2
    """
    return Relation(sympy.sympify(left), "<=", sympy.sympify(right))


def less(left: Any, right: Any) -> Relation:
    """Return the relation left < right, which is stated and not checked.

    Parameters
    ----------
    left, right : sympy.Expr or number
        The two sides.

    Returns
    -------
    Relation
        The relation.

    Examples
    --------
    >>> import sympy
    >>> a = sympy.Symbol("a")
    >>> print(less(a, a + 1))
    a < a + 1
    """
    return Relation(sympy.sympify(left), "<", sympy.sympify(right))
