"""Relations that are stated, not evaluated: sympy would turn ``a <= a + 1`` into True."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import sympy

from sdeopt.errors import InvalidArgumentError, SdeoptError


class ProofError(SdeoptError):
    """A step that sympy does not reduce to true, or a proof that misses its statement."""


class AssumptionError(InvalidArgumentError):
    """A parameter outside the assumptions of a theorem."""


Sign = Literal["=", "<=", "<"]
LATEX = {"=": "=", "<=": r"\le", "<": "<"}


@dataclasses.dataclass(frozen=True)
class Relation:
    """Two sympy expressions and what holds between them.

    Parameters
    ----------
    left, right : sympy.Expr
        The two sides.
    sign : {"=", "<=", "<"}
        What the left side is to the right one.

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
        """Return whether an expression stands on one of the sides, as a whole or as a part."""
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
                raise ProofError(f"{value} would be caught by a sum over {caught}; rename it.")
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
    """Return left = right."""
    return Relation(sympy.sympify(left), "=", sympy.sympify(right))


def at_most(left: Any, right: Any) -> Relation:
    """Return left <= right."""
    return Relation(sympy.sympify(left), "<=", sympy.sympify(right))


def less(left: Any, right: Any) -> Relation:
    """Return left < right."""
    return Relation(sympy.sympify(left), "<", sympy.sympify(right))
