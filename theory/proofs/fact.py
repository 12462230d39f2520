"""What a proof has reached: relations with their reasons, made by `theory.proofs.proof` alone."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import sympy

from theory.proofs.assumption import Cited
from theory.proofs.errors import ProofError
from theory.proofs.relation import Relation
from theory.proofs.signs import is_positive

__all__ = ["Fact", "Kind", "solved"]

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
