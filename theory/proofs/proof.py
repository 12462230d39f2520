"""The kernel of all proofs: facts exist only as the outcome of a checked step.

A `Fact` is made by the methods of `Proof` and by nothing else, and each method either has sympy
reduce its claim to true or raises `ProofError`. So a proof is as sound as this file, `zero`, `signs`
and the rules of `theory.core` that call `Proof.cite`.
"""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from theory.proofs.fact import Assumption, Cited, Fact, Kind, solved
from theory.proofs.relation import ProofError, Relation, Sign, at_most, less
from theory.proofs.signs import is_nonnegative, is_positive, is_zero, residual


class Proof:
    """A proof being written down.

    Parameters
    ----------
    assumptions : iterable of Assumption
        The hypotheses it may take up.
    fixed : iterable of sympy.Symbol, optional
        Indices that have one value throughout, such as the step of an induction.
    facts : iterable of Fact, optional
        Steps of a proof that this one is a part of.

    Attributes
    ----------
    fixed : frozenset of sympy.Symbol
        As above: no relation can be added up, or taken at other values, over these.
    facts : list of Fact
        All steps so far, in order.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", real=True)
    >>> proof = Proof([])
    >>> step = proof.at_most(2 * a * b, a**2 + b**2, "a square is not negative")
    >>> proof.at_most(3 * a * b, a**2 + b**2, "too much")
    Traceback (most recent call last):
    theory.proofs.relation.ProofError: "too much" is not shown: the sign of a**2 - 3*a*b + b**2 is open.
    """

    def __init__(
        self,
        assumptions: Iterable[Assumption],
        fixed: Iterable[Any] = (),
        facts: Iterable[Fact] = (),
    ) -> None:
        self._assumptions = {assumption.name: assumption for assumption in assumptions}
        self.fixed = frozenset(fixed)
        self.facts: list[Fact] = list(facts)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The hypotheses it may take up."""
        return tuple(self._assumptions.values())

    def assume(self, name: str, at: Mapping[Any, Any] | None = None) -> Fact:
        """Take up a hypothesis, at given values of what it is said of."""
        assumption = self.assumption(name)
        if assumption.relation is None:
            raise ProofError(f'the assumption "{name}" is one of words: a rule requires it.')
        foreign = set(at or ()) - set(assumption.over)
        if foreign:
            raise ProofError(f'the assumption "{name}" is not said for all {foreign}.')
        relation = assumption.relation.subs(dict(at or {}))
        fact = Fact(relation, name, "assumed", frozenset([name]), frozenset(assumption.through))
        self.facts.append(fact)
        return fact

    def take(
        self,
        conclusion: Relation,
        words: str,
        premises: Iterable[Fact],
        *,
        cited: Iterable[Cited] = (),
        required: Iterable[Assumption] = (),
    ) -> Fact:
        """Take the conclusion of a rule whose premises the rule has tested.

        For the rules in ``theory.core``, each with tests of its own; the proof of a result calls
        those rules and never this.

        Parameters
        ----------
        conclusion : Relation
            What the rule works out from its premises.
        words : str
            Why.
        premises : iterable of Fact
            What it needs.
        cited : iterable of Cited
            The facts of analysis that the rule leans on; none for a rule of algebra.
        required : iterable of Assumption
            Hypotheses of words that it needs.

        Returns
        -------
        Fact
            The conclusion.
        """
        cited, names = tuple(cited), [assumption.name for assumption in required]
        for name in names:
            cited += self.assumption(name).through
        kind: Kind = "cited" if cited else "checked"
        return self._add(conclusion, words, premises, kind, names, cited)

    def equal(self, left: Any, right: Any, words: str) -> Fact:
        """Show left = right: the canonical form of the difference is 0; matrices entry by entry."""
        left, right = sympy.sympify(left), sympy.sympify(right)
        for entry in _entries(right - left):
            rest = residual(entry)
            if rest != 0:
                raise ProofError(f'"{words}" is not shown: {rest} is not zero.')
        return self._add(Relation(left, "=", right), words)

    def at_most(
        self,
        left: Any,
        right: Any,
        words: str,
        *,
        using: Mapping[Fact, Any] | None = None,
        given: Mapping[Fact, Any] | None = None,
        certificate: Any = None,
    ) -> Fact:
        """Show left <= right.

        Parameters
        ----------
        left, right : sympy.Expr
            The two sides.
        words : str
            Why.
        using : mapping of Fact to sympy.Expr, optional
            Known relations and the multipliers with which their slacks are taken off the
            difference. A multiplier must be non-negative, except that of an equality.
        given : mapping of Fact to sympy.Symbol, optional
            Known relations, each with the symbol (in which it is linear) that it is solved for:
            given c < k for k, k is written c + δ with δ positive.
        certificate : sympy.Expr, optional
            What is left of the difference in a form whose sign is plain, e.g. a sum of squares.

        Returns
        -------
        Fact
            The relation.
        """
        return self._compare(at_most(left, right), words, using or {}, given or {}, certificate)

    def less(
        self,
        left: Any,
        right: Any,
        words: str,
        *,
        using: Mapping[Fact, Any] | None = None,
        given: Mapping[Fact, Any] | None = None,
        certificate: Any = None,
    ) -> Fact:
        """Show left < right; the arguments are those of `at_most`."""
        return self._compare(less(left, right), words, using or {}, given or {}, certificate)

    def chain(self, *facts: Fact, words: str = "taken together") -> Fact:
        """Join relations, the right side of each being the left side of the next."""
        for one, other in itertools.pairwise(facts):
            if not is_zero(one.relation.right - other.relation.left):
                raise ProofError(
                    f'"{words}" does not connect: {one.relation.right} is not '
                    f"{other.relation.left}."
                )
        signs = {fact.relation.sign for fact in facts}
        sign: Sign = "<" if "<" in signs else "<=" if "<=" in signs else "="
        relation = Relation(facts[0].relation.left, sign, facts[-1].relation.right)
        return self._add(relation, words, facts)

    def product(self, one: Fact, other: Fact, words: str) -> Fact:
        """Multiply two slacks: neither is negative, so their product is not."""
        strict = one.relation.sign == other.relation.sign == "<"
        sign: Sign = "<" if strict else "<="
        relation = Relation(sympy.S.Zero, sign, one.slack * other.slack)
        return self._add(relation, words, (one, other))

    def sum_over(self, fact: Fact, index: Any, upper: Any, words: str) -> Fact:
        """Add up a relation that holds for every index from 1 to a positive integer."""
        if not (index.is_integer and upper.is_integer and upper.is_positive):
            raise ProofError(f"{index} cannot run from 1 to {upper}.")
        if index in self.fixed:
            raise ProofError(f"{index} is fixed here and does not run.")
        left, right = (
            sympy.Sum(side, (index, 1, upper)) for side in (fact.relation.left, fact.relation.right)
        )
        return self._add(Relation(left, fact.relation.sign, right), words, (fact,))

    def holds(self, fact: Fact, relation: Relation) -> bool:
        """Return whether a fact of this proof is exactly the relation."""
        self._own([fact])
        return fact.relation.sign == relation.sign and all(
            is_zero(one - other)
            for one, other in (
                (fact.relation.left, relation.left),
                (fact.relation.right, relation.right),
            )
        )

    def demand(self, fact: Fact, relation: Relation) -> None:
        """Raise ProofError unless a fact is exactly the relation: what a rule asks of a premise."""
        if not self.holds(fact, relation):
            raise ProofError(f"{relation} is needed, but the fact given is {fact.relation}.")

    def demand_among(self, facts: Iterable[Fact], relation: Relation) -> None:
        """Raise ProofError unless one of the facts is exactly the relation."""
        if not any(self.holds(fact, relation) for fact in facts):
            raise ProofError(f"{relation} is needed and is not among the facts.")

    def _compare(
        self,
        relation: Relation,
        words: str,
        using: Mapping[Fact, Any],
        given: Mapping[Fact, Any],
        certificate: Any,
    ) -> Fact:
        self._own([*using, *given])
        problem = _gap(relation, using, given, certificate)
        if problem:
            raise ProofError(f'"{words}" is not shown: {problem}.')
        # Only what is needed counts as a premise, so that no assumption is there for show.
        for fact in given:
            fewer = {one: symbol for one, symbol in given.items() if one is not fact}
            if not _gap(relation, using, fewer, certificate):
                given = fewer
        for fact in using:
            fewer = {one: factor for one, factor in using.items() if one is not fact}
            if certificate is None and not _gap(relation, fewer, given, None):
                using = fewer
        return self._add(relation, words, (*using, *given))

    def assumption(self, name: str) -> Assumption:
        """Return a hypothesis by its name; raise ProofError when it is not made."""
        if name not in self._assumptions:
            raise ProofError(f'the proof needs the assumption "{name}", which is not made.')
        return self._assumptions[name]

    def _own(self, facts: Iterable[Fact]) -> None:
        if any(fact not in self.facts for fact in facts):
            raise ProofError("a fact of another proof was used; take it over with `lemma`.")

    def _add(
        self,
        relation: Relation,
        words: str,
        premises: Iterable[Fact] = (),
        kind: Kind = "checked",
        names: Iterable[str] = (),
        cited: Iterable[Cited] = (),
    ) -> Fact:
        premises = tuple(premises)
        self._own(premises)
        rests_on = frozenset(names).union(*(fact.rests_on for fact in premises))
        cites = frozenset(cited).union(*(fact.cites for fact in premises))
        self.facts.append(Fact(relation, words, kind, rests_on, cites))
        return self.facts[-1]


def _entries(expression: Any) -> Iterable[Any]:
    return list(expression) if isinstance(expression, sympy.MatrixBase) else [expression]


def _gap(
    relation: Relation, using: Mapping[Fact, Any], given: Mapping[Fact, Any], certificate: Any
) -> str:
    """Return why an inequality is not shown; empty when it is."""
    rest, strict = relation.slack, False
    for fact, multiplier in using.items():
        factor = solved(given, multiplier)
        if fact.relation.sign != "=" and not is_nonnegative(factor):
            return f"the sign of the multiplier {multiplier} is open"
        strict |= fact.relation.sign == "<" and is_positive(factor)
        rest -= multiplier * fact.slack
    if certificate is not None:
        gap = residual(rest - certificate)
        if gap != 0:
            return f"its certificate misses {gap}"
        rest = sympy.sympify(certificate)
    if is_zero(rest) and (strict or relation.sign == "<="):
        return ""
    shown = is_positive if relation.sign == "<" and not strict else is_nonnegative
    return "" if shown(solved(given, rest)) else f"the sign of {residual(rest)} is open"
