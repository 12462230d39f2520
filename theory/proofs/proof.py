"""The kernel of all proofs: a fact is the outcome of a checked step.

Only the methods of `Proof` make a `Fact`, and each of them either has sympy verify its claim or raises
`ProofError`. So a proof is as sound as `theory.proofs` and the rules of ``theory.core``, which call
`Proof.take`.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from theory.proofs import limits
from theory.proofs.comparison import difference, gap, needed, same_sides
from theory.proofs.domains import KnownSigns
from theory.proofs.dynamics import Dynamics, demand_not_in, ends, free_ranges, joined_under
from theory.proofs.fact import Assumption, Cited, Fact, Kind
from theory.proofs.failing import rules
from theory.proofs.indices import runs
from theory.proofs.relation import ProofError, Relation, Sign, at_most, less
from theory.proofs.signs import is_zero
from theory.proofs.substitution import relation_at
from theory.proofs.sums import ranges_of, ranges_within


@rules
class Proof:
    """A proof in progress: its methods add one checked step each.

    Parameters
    ----------
    assumptions : iterable of Assumption
        The hypotheses that it may use.
    fixed : iterable of sympy.Symbol, optional
        Indices with a single value in the whole proof, such as the step of an induction.
    facts : iterable of Fact, optional
        Steps of the proof that this one is a part of.
    declared : iterable of sympy.IndexedBase, optional
        Arrays whose law the statements declare.
    meanings : dict, optional
        Of what arrays are functions, as the proof that this one is a part of has noted.

    Attributes
    ----------
    fixed : frozenset of sympy.Symbol
        As above: no relation can be summed over these, or taken at other values of them.
    facts : list of Fact
        All steps so far, in order.
    declared : frozenset of sympy.IndexedBase
        As above: only these may be defined although hypotheses speak of them.
    meanings : dict
        As above, by array, for the rules to compare with.
    taken : list of Assumption
        Hypotheses of lemmas, as their proofs and this one take them.

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
        declared: Iterable[Any] = (),
        meanings: dict[Any, Any] | None = None,
    ) -> None:
        assumptions = tuple(assumptions)
        self._assumptions = {assumption.name: assumption for assumption in assumptions}
        if len(self._assumptions) < len(assumptions):
            raise ProofError("two assumptions have the same name; a proof refers to them by it.")
        self.fixed = frozenset(fixed)
        self.facts: list[Fact] = list(facts)
        self.declared = frozenset(declared)
        self._shown: dict[Any, list[Any]] = {}
        self.meanings: dict[Any, Any] = {} if meanings is None else meanings
        self.taken: list[Assumption] = []

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The hypotheses that it may use."""
        return tuple(self._assumptions.values())

    def assume(self, name: str, at: Mapping[Any, Any] | None = None) -> Fact:
        """Use a hypothesis, at given values of the symbols for all values of which it holds.

        Parameters
        ----------
        name : str
            The name of the assumption.
        at : mapping of sympy.Symbol to sympy.Expr, optional
            Values for symbols of its ``over``.

        Returns
        -------
        Fact
            The relation of the assumption.
        """
        assumption = self.assumption(name)
        signs = KnownSigns(self.facts, self.assumptions)
        relation = relation_at(assumption, at or {}, signs)
        rests_on, cites = frozenset([name]), frozenset(assumption.through)
        ranges = free_ranges(relation, ranges_within(relation))
        fact = Fact(relation, name, "assumed", rests_on, cites, assumption.fixed, ranges=ranges)
        self.facts.append(fact)
        found = self._found(signs)
        return fact if not found else self._add(relation, name, (fact, *found))

    def take(
        self,
        conclusion: Relation,
        words: str,
        premises: Iterable[Fact],
        *,
        cited: Iterable[Cited] = (),
        required: Iterable[Assumption] = (),
        dynamics: Dynamics | None = None,
        endless: Iterable[Any] = (),
        fixed: Iterable[Any] = (),
        relayed: bool = False,
    ) -> Fact:
        """Add the conclusion of a rule that has checked its premises.

        For the rules in ``theory.core``, which have their own tests; the proof of a result calls
        those rules, never this method.

        Parameters
        ----------
        conclusion : Relation
            The conclusion.
        words : str
            The reason.
        premises : iterable of Fact
            The facts that it follows from.
        cited : iterable of Cited
            The facts of analysis that the rule uses; none for a rule of algebra.
        required : iterable of Assumption
            Hypotheses without a relation that the rule uses.
        dynamics : mapping of sympy.IndexedBase to Motion, optional
            The law of each array of the system from which the rule concludes.
        endless : iterable of sympy.Symbol, optional
            Indices at all positive integers of which the conclusion holds.
        fixed : iterable of sympy.Symbol, optional
            Symbols for one value of which it holds, besides those of the premises.
        relayed : bool, optional
            Whether it only repeats a hypothesis, e.g. at another index: it then stays one.

        Returns
        -------
        Fact
            The conclusion.
        """
        cited, names = tuple(cited), list[str]()
        for assumption in required:
            if self.assumption(assumption.name) != assumption:
                raise ProofError(f'"{assumption.name}" is here another hypothesis than is needed.')
            names.append(assumption.name)
            cited += assumption.through
        kind: Kind = "assumed" if relayed else "cited" if cited else "checked"
        fact = self._add(conclusion, words, premises, kind, names, cited, dynamics or {})
        return self._changed(fact, endless=frozenset(endless), fixed=fact.fixed.union(fixed))

    def _changed(self, last: Fact, **changes: Any) -> Fact:
        """Put a changed fact in place of the last one."""
        self.facts[-1] = dataclasses.replace(last, **changes)
        return self.facts[-1]

    def equal(self, left: Any, right: Any, words: str) -> Fact:
        """Show left = right: the canonical form of the difference is 0.

        Parameters
        ----------
        left, right : sympy.Expr or sympy.Matrix
            The two sides; matrices are compared entry by entry.
        words : str
            The reason.

        Returns
        -------
        Fact
            The equality.
        """
        left, right = sympy.sympify(left), sympy.sympify(right)
        problem = difference(left, right)
        if problem:
            raise ProofError(f'"{words}" is not shown: {problem}.')
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
            The reason.
        using : mapping of Fact to sympy.Expr, optional
            Known relations with multipliers: right − left must be the sum of the multiplied slacks
            and of something non-negative. A multiplier must be non-negative, except for an equality.
        given : mapping of Fact to sympy.Symbol, optional
            Known relations, each with a symbol to eliminate, in which it is linear: given c < k
            for k, k is written as c + δ with δ positive.
        certificate : sympy.Expr, optional
            The non-negative rest in a form whose sign sympy determines, e.g. a sum of squares.

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
        """Join relations, where the right side of each is the left side of the next."""
        if not facts:
            raise ProofError(f'"{words}" joins no relations.')
        for one, other in itertools.pairwise(facts):
            if not is_zero(one.relation.right - other.relation.left):
                raise ProofError(
                    f'"{words}" does not connect: {one.relation.right} is not '
                    f"{other.relation.left}."
                )
        limits.demand_no_circle_of_limits(dict.fromkeys(facts, 1), words, self._shows_nonnegative)
        signs = {fact.relation.sign for fact in facts}
        sign: Sign = "<" if "<" in signs else "<=" if "<=" in signs else "="
        relation = Relation(facts[0].relation.left, sign, facts[-1].relation.right)
        return self._add(relation, words, facts)

    def product(self, one: Fact, other: Fact, words: str) -> Fact:
        """Multiply two slacks; the product of two non-negative numbers is non-negative."""
        limits.demand_one_finite(one, other, words)
        strict = one.relation.sign == other.relation.sign == "<"
        sign: Sign = "<" if strict else "<="
        relation = Relation(sympy.S.Zero, sign, one.slack * other.slack)
        return self._add(relation, words, (one, other))

    def sum_over(self, fact: Fact, index: Any, upper: Any, words: str) -> Fact:
        """Sum a relation that holds for every index from 1 to a positive integer."""
        upper = sympy.sympify(upper)
        self.demand_range(fact, index, upper)
        if not (runs(index) and upper.is_integer and upper.is_positive) or upper.has(index):
            raise ProofError(f"{index} cannot run from 1 to {upper}.")
        self.demand_free(fact, index)
        left, right = (
            sympy.Sum(side, (index, 1, upper)) for side in (fact.relation.left, fact.relation.right)
        )
        added = self._add(Relation(left, fact.relation.sign, right), words, (fact,))
        rest = frozenset(pair for pair in added.ranges if pair[0] != index)
        return self._changed(added, ranges=rest)

    def holds(self, fact: Fact, relation: Relation) -> bool:
        """Return whether a fact of this proof is exactly the relation."""
        self._own([fact])
        return fact.relation.sign == relation.sign and same_sides(fact.relation, relation)

    def demand(self, fact: Fact, relation: Relation) -> None:
        """Raise ProofError unless a fact is exactly the relation."""
        if not self.holds(fact, relation):
            raise ProofError(f"{relation} is needed, but the fact given is {fact.relation}.")

    def demand_among(self, facts: Iterable[Fact], relation: Relation) -> None:
        """Raise ProofError unless one of the facts is exactly the relation."""
        if not any(self.holds(fact, relation) for fact in facts):
            raise ProofError(f"{relation} is needed and is not among the facts.")

    def demand_free(self, fact: Fact, *symbols: Any) -> None:
        """Raise ProofError unless a fact holds for all values of some symbols."""
        self._own([fact])
        fact.relation.demand_no_labels(symbols)
        for symbol in symbols:
            if symbol in self.fixed or symbol in fact.fixed:
                raise ProofError(
                    f"{symbol} is fixed in this proof and does not run: {fact.relation} is known for "
                    "one value of it."
                )
            demand_not_in(fact.dynamics, symbol)

    def demand_range(self, fact: Fact, index: Any, upper: Any) -> None:
        """Raise ProofError where a fact is known for an index in another range than up to this end."""
        for name, end in fact.ranges:
            if name == index and not is_zero(end - upper):
                raise ProofError(f"{fact.relation} is known for {index} up to {end}, not {upper}.")

    def within(self, last: Fact, ranges: Iterable[tuple[Any, Any]]) -> Fact:
        """Say in which ranges of its indices the last fact is known."""
        if last is not self.facts[-1]:
            raise ProofError(f"{last.relation} is not the last fact, whose ranges are known now.")
        return self._changed(last, ranges=frozenset(ranges))

    def _compare(
        self,
        relation: Relation,
        words: str,
        using: Mapping[Fact, Any],
        given: Mapping[Fact, Any],
        certificate: Any,
    ) -> Fact:
        self._own([*using, *given])
        if any(isinstance(side, sympy.MatrixBase) for side in (relation.left, relation.right)):
            raise ProofError(
                "an inequality is one of numbers; state it for each entry of a matrix."
            )
        rest = sympy.S.Zero if certificate is None else certificate
        found = self.defined(relation.left, relation.right, *using.values(), rest, given=given)
        problem = gap(relation, using, given, certificate)
        if problem:
            raise ProofError(f'"{words}" is not shown: {problem}.')
        using, given = needed(relation, using, given, certificate)
        signs = KnownSigns(self.facts, self.assumptions)
        limits.demand_no_circle_of_limits(using, words, signs.shows_nonnegative)
        found += self._found(signs)
        premises, parts = (*using, *given, *found), map(sympy.sympify, (*using.values(), rest))
        return self._add(relation, words, premises, parts=parts, divisors_known=True)

    def assumption(self, name: str) -> Assumption:
        """Return a hypothesis by its name, or raise ProofError."""
        if name not in self._assumptions:
            raise ProofError(f'the proof needs the assumption "{name}", which is not made.')
        return self._assumptions[name]

    def _shows_nonnegative(self, value: Any) -> bool:
        return KnownSigns(self.facts, self.assumptions).shows_nonnegative(value)

    def _own(self, facts: Iterable[Fact]) -> None:
        own = {*map(id, self.facts)}
        if any(id(fact) not in own for fact in facts):
            raise ProofError("a fact of another proof was used; use `lemma` for that.")

    def defined(self, *expressions: Any, given: Mapping[Fact, Any] | None = None) -> list[Fact]:
        """Demand that all divisors are shown to be nonzero; return the facts that show it."""
        shown = None if given else self._shown
        signs = KnownSigns(self.facts, self.assumptions, given, shown)
        signs.demand_defined(*expressions)
        return self._found(signs)

    def real(self, *expressions: Any) -> list[Fact]:
        """Demand that all parts are shown to be real; return the facts that show it."""
        signs = KnownSigns(self.facts, self.assumptions)
        for expression in expressions:
            signs.demand_ordered(expression)
        return self._found(signs)

    def _found(self, signs: KnownSigns) -> list[Fact]:
        """Return the facts that showed a sign; hypotheses that did are assumed."""
        return [self.assume(one) if isinstance(one, str) else one for one in signs.used]

    def _add(
        self,
        relation: Relation,
        words: str,
        premises: Iterable[Fact] = (),
        kind: Kind = "checked",
        names: Iterable[str] = (),
        cited: Iterable[Cited] = (),
        dynamics: Dynamics | None = None,
        parts: Iterable[Any] = (),
        divisors_known: bool = False,
    ) -> Fact:
        premises, sides = tuple(premises), map(sympy.sympify, (relation.left, relation.right))
        relation = Relation(next(sides), relation.sign, next(sides))
        limits.demand_limits_apart(relation, words, self._shows_nonnegative)
        self._own(premises)
        if not divisors_known:
            premises += tuple(self.defined(relation.left, relation.right))
        if relation.sign != "=":
            premises += tuple(self.real(relation.left, relation.right))
        if any(fact.kind == "assumed" and self.holds(fact, relation) for fact in premises):
            kind = "assumed"
        self.facts.append(
            Fact(
                relation,
                words,
                kind,
                frozenset(names).union(*(fact.rests_on for fact in premises)),
                frozenset(cited).union(*(fact.cites for fact in premises)),
                frozenset[Any]().union(*(fact.fixed for fact in premises)),
                joined_under(self.assumptions, *(one.dynamics for one in premises), dynamics or {}),
                ranges=free_ranges(
                    relation,
                    *(fact.ranges for fact in premises),
                    *(ranges_within(fact.relation) for fact in premises),
                    ranges_within(relation),
                    *map(ranges_of, parts),
                    ends(relation, dynamics or {}),
                ),
            )
        )
        return self.facts[-1]
