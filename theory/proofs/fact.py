"""What a theorem assumes, and what a proof has reached: facts made by `theory.proofs.proof` alone."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import sympy

from theory.proofs.relation import ProofError, Relation
from theory.proofs.signs import is_positive


@dataclasses.dataclass(frozen=True)
class Cited:
    """A fact of analysis that sympy cannot prove and that a proof leans on.

    Parameters
    ----------
    name : str
        As the field calls it, e.g. ``"Dynkin's formula"``.
    words : str
        What it says, with its conditions.
    source : str
        Where it is proved.
    """

    name: str
    words: str
    source: str


@dataclasses.dataclass(frozen=True)
class Assumption:
    """One named hypothesis of a theorem.

    Parameters
    ----------
    name : str
        A few words that are unique within the theorem; a proof takes the hypothesis up by it.
    words : str
        The hypothesis in full.
    relation : Relation, optional
        The hypothesis as a relation between sympy expressions. One between parameters alone is
        also tested before the bound is evaluated. Without a relation the hypothesis is one of words
        (a solution exists), and a proof can only require it.
    over : tuple of sympy symbols, optional
        What the relation is said of for all values: it can be taken up at any of them.
    through : tuple of Cited, optional
        The facts by which the words give the relation, where they are not the same thing.
    """

    name: str
    words: str
    relation: Relation | None = None
    over: tuple[Any, ...] = ()
    through: tuple[Cited, ...] = ()


Kind = Literal["checked", "assumed", "cited"]


@dataclasses.dataclass(frozen=True, eq=False)
class Fact:
    """A relation that one proof has reached.

    Attributes
    ----------
    relation : Relation
        What holds.
    words : str
        Why, in a few words.
    kind : {"checked", "assumed", "cited"}
        Reduced to true by sympy, a hypothesis, or the conclusion of a cited fact of analysis.
    rests_on : frozenset of str
        The names of all assumptions that it needs, through every step before.
    cites : frozenset of Cited
        The facts of analysis that it needs, likewise.
    """

    relation: Relation
    words: str
    kind: Kind
    rests_on: frozenset[str] = frozenset()
    cites: frozenset[Cited] = frozenset()

    @property
    def slack(self) -> Any:
        """The right side less the left one."""
        return self.relation.slack


def solved(given: Mapping[Fact, Any], expression: Any) -> Any:
    """Write an expression with the slacks of known relations in place of symbols.

    Parameters
    ----------
    given : mapping of Fact to sympy.Symbol
        Known relations, each with the symbol to solve it for, in which it must be linear.
    expression : sympy.Expr
        What to write anew.

    Returns
    -------
    sympy.Expr
        The expression; given c < k for k, k has become c + δ with δ positive.
    """
    expression = sympy.sympify(expression)
    for fact, symbol in given.items():
        strict = fact.relation.sign == "<"
        slack = sympy.Dummy("delta", positive=True) if strict else sympy.Dummy(nonnegative=True)
        slope = sympy.diff(fact.slack, symbol)
        if slope.has(symbol) or not (is_positive(slope) or is_positive(-slope)):
            raise ProofError(f"{fact.relation} cannot be solved for {symbol}.")
        offset = sympy.expand(fact.slack - slope * symbol)
        expression = expression.subs(symbol, (slack - offset) / slope)
    return expression
