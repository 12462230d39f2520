"""Relations as data, which sympy does not evaluate as it would ``a <= a + 1``, and errors of proofs."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
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

    def __post_init__(self) -> None:
        if self.sign not in LATEX:
            raise ProofError(f"{self.sign!r} is no sign of a relation; write it with =, <= or <.")

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
        self.demand_no_labels(substitution)
        taken = bound_symbols(self.left) | bound_symbols(self.right)
        for value in substitution.values():
            demand_uncaught(value, sympy.sympify(value).free_symbols & taken)
        left, right = (
            sympy.sympify(side).subs(substitution, simultaneous=True)
            for side in (self.left, self.right)
        )
        return Relation(left, self.sign, right)

    def demand_no_labels(self, symbols: Iterable[Any]) -> None:
        """Raise ProofError for a symbol that is the name of an array of the relation."""
        demand_no_labels((self.left, self.right), symbols)

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


def demand_no_labels(expressions: Iterable[Any], symbols: Iterable[Any]) -> None:
    """Raise ProofError for a symbol that is the name of an array: to replace it makes it another one."""
    labels = {
        base.label
        for expression in map(sympy.sympify, expressions)
        for base in expression.atoms(sympy.IndexedBase)
    }
    names = ", ".join(sorted(map(str, labels & {*symbols})))
    if names:
        raise ProofError(f"{names} is the name of an array, too; give the number another name.")


def demand_names_apart(expressions: Iterable[Any]) -> None:
    """Raise ProofError where two symbols, or two arrays, look the same in formulas and are not."""
    symbols, arrays = set[Any](), set[Any]()
    for expression in map(sympy.sympify, expressions):
        bases = expression.atoms(sympy.IndexedBase)
        arrays |= bases
        symbols |= expression.free_symbols - {base.label for base in bases} - bases
    for kind in (symbols, arrays):
        names = [str(one) for one in kind if not isinstance(one, sympy.Indexed)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ProofError(
                f"{', '.join(twice)} stands for two different things; rename one of them."
            )


@functools.lru_cache(maxsize=4096)
def bound_symbols(expression: Any) -> frozenset[Any]:
    """Return the symbols over which an expression sums, integrates, differentiates or the like."""
    parts = sympy.preorder_traversal(expression)
    return frozenset(symbol for part in parts for symbol in bound_by(part))


def bound_by(part: Any) -> Iterable[Any]:
    """Return the symbols with a meaning of their own inside a sum, an integral or a derivative."""
    names: Iterable[Any] = getattr(part, "bound_symbols", ())
    return part.variables if isinstance(part, sympy.Derivative) else names


def demand_uncaught(value: Any, caught: Iterable[Any]) -> None:
    """Raise ProofError where symbols of a value would be taken for those of a sum or an integral."""
    names = ", ".join(sorted(map(str, caught)))
    if names:
        raise ProofError(f"{value} would be captured by a sum or integral over {names}; rename it.")


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
