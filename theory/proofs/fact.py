"""Assumptions, cited facts of analysis, and the facts of a proof, which `Proof` alone makes."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

from theory.proofs.dynamics import Dynamics, Motion
from theory.proofs.relation import Relation


@dataclasses.dataclass(frozen=True)
class Cited:
    """A fact of analysis that a proof uses and sympy does not prove.

    Parameters
    ----------
    name : str
        The usual name, e.g. ``"Dynkin's formula"``.
    words : str
        The statement, with its conditions.
    source : str
        Where it is proved.

    Examples
    --------
    >>> jensen = Cited("Jensen's inequality", "(E √V)² <= E V", "Rudin, Thm 3.3")
    >>> jensen.name
    "Jensen's inequality"
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
        A few words, unique within the theorem; a proof refers to the hypothesis by them.
    words : str
        The hypothesis in full.
    relation : Relation, optional
        The hypothesis as a relation between sympy expressions. A relation between parameters alone is
        also checked before the bound is evaluated. A hypothesis without a relation (a solution
        exists) can only be required by a rule.
    over : tuple of sympy symbols, optional
        Symbols for all values of which the relation holds: a proof can use it at any of them.
    through : tuple of Cited, optional
        Facts by which the relation follows from the words, if it is not their direct translation.
    each : tuple of sympy.Symbol, optional
        Symbols that stand for any one of the numbers that the words name, such as the eigenvalues of
        all Hessians. The relation says of all of them what it says of the symbol, so that nothing
        stands in its place.

    Examples
    --------
    >>> from theory.proofs.relation import less
    >>> from theory.symbols import coupling
    >>> print(Assumption("coupled", "the agents are coupled: k > 0", less(0, coupling)).relation)
    0 < k
    """

    name: str
    words: str
    relation: Relation | None = None
    over: tuple[Any, ...] = ()
    through: tuple[Cited, ...] = ()
    each: tuple[Any, ...] = ()

    @property
    def fixed(self) -> frozenset[Any]:
        """The symbols of the relation for one value of which it is made."""
        if self.relation is None:
            return frozenset()
        names = self.relation.left.free_symbols | self.relation.right.free_symbols
        return frozenset(symbol for symbol in names if symbol.is_Symbol) - {*self.over}

    def split(self, mean: Any) -> Any:
        """Return what an expectation is by this hypothesis, which need not say anything of it."""
        return mean

    def contradicts(self, laws: Sequence[Relation], stated: Sequence[Relation]) -> Any:
        """Return an entry for which this hypothesis cannot hold beside laws and what is stated."""
        return None

    def restricts(self, array: Any, law: Motion) -> bool:
        """Return whether it says more of the gradients at a place than what the Hessians are."""
        return self.relation is not None and self.relation.contains(array)


Kind = Literal["checked", "assumed", "cited"]


@dataclasses.dataclass(frozen=True, eq=False)
class Fact:
    """A relation proved in one proof.

    Attributes
    ----------
    relation : Relation
        The relation.
    words : str
        The reason, in a few words.
    kind : {"checked", "assumed", "cited"}
        Checked by sympy, a hypothesis, or the conclusion of a cited fact of analysis.
    rests_on : frozenset of str
        The names of all assumptions that it and the steps before it use.
    cites : frozenset of Cited
        The facts of analysis that these steps use.
    fixed : frozenset of sympy.Symbol
        The symbols of hypotheses that are made for one value of them: it cannot be summed over these,
        or taken at other values.
    dynamics : mapping of sympy.IndexedBase to Motion
        The law of each array of the system that it speaks of; empty for a relation of algebra.
    endless : frozenset of sympy.Symbol
        The indices at all positive integers of which it holds, not only in the range of a sum.
    ranges : frozenset of tuple
        The indices that must lie between 1 and an upper end for it to hold, each with this end.
    """

    relation: Relation
    words: str
    kind: Kind
    rests_on: frozenset[str] = frozenset()
    cites: frozenset[Cited] = frozenset()
    fixed: frozenset[Any] = frozenset()
    dynamics: Dynamics = dataclasses.field(default_factory=dict)
    endless: frozenset[Any] = frozenset()
    ranges: frozenset[tuple[Any, Any]] = frozenset()

    @property
    def slack(self) -> Any:
        """The right side less the left one."""
        return self.relation.slack
