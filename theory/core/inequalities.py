"""Inequalities: products, exponentials, extremes, square roots, and limits of small numbers."""

from collections.abc import Iterable
from typing import Any

import sympy

from theory.proofs.domains import demand_constant
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.indices import runs, spans
from theory.proofs.limits import limits_in
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.proofs.signs import is_nonnegative
from theory.symbols import dimension


@rule
def cancelled(proof: Proof, factor: Fact, left: Any, right: Any, product: Fact, words: str) -> Fact:
    """Conclude X <= Y from c X <= c Y and 0 < c (or the same with < or =)."""
    multiplier = factor.relation.right
    proof.demand(factor, less(0, multiplier))
    sign = product.relation.sign
    proof.demand(product, Relation(multiplier * left, sign, multiplier * right))
    return proof.take(Relation(left, sign, right), words, (factor, product))


@rule
def exponentials(proof: Proof, fact: Fact) -> Fact:
    """Conclude e^X <= e^Y from X <= Y (or < or =)."""
    left, right = (sympy.exp(side) for side in (fact.relation.left, fact.relation.right))
    return proof.take(
        Relation(left, fact.relation.sign, right), "the exponential is increasing", (fact,)
    )


@rule
def decayed(proof: Proof, exponent: Any) -> Fact:
    """Show e^{−z} <= 1 for z >= 0."""
    sign = proof.at_most(-exponent, 0, "z is non-negative")
    larger = exponentials(proof, sign)
    return proof.chain(larger, proof.at_most(1, 1, "e⁰ = 1"))


@rule
def below_largest(proof: Proof, value: Any, largest: Any) -> Fact:
    """Return x <= max(x, …), as a fact."""
    if not isinstance(largest, sympy.Max) or value not in largest.args:
        raise ProofError(f"{value} is not among the values of {largest}.")
    return proof.take(at_most(value, largest), "one of the values", ())


@rule
def above_smallest(proof: Proof, value: Any, smallest: Any) -> Fact:
    """Return min(x, …) <= x, as a fact."""
    if not isinstance(smallest, sympy.Min) or value not in smallest.args:
        raise ProofError(f"{value} is not among the values of {smallest}.")
    return proof.take(at_most(smallest, value), "one of the values", ())


@rule
def absolute_at_most(proof: Proof, most: Fact, least: Fact) -> Fact:
    """Conclude |x| <= c from x <= c and −x <= c."""
    value, bound = most.relation.left, most.relation.right
    proof.demand(most, at_most(value, bound))
    proof.demand(least, at_most(-value, bound))
    if not value.is_real:
        raise ProofError(f"{value} is not known to be real.")
    return proof.take(at_most(sympy.Abs(value), bound), "both signs", (most, least))


@rule
def largest_at_most(proof: Proof, facts: Iterable[Fact]) -> Fact:
    """Conclude max(x, y, …) <= c from x <= c, y <= c, …."""
    facts = tuple(facts)
    if not facts:
        raise ProofError("the largest of no numbers is not known.")
    bound = facts[0].relation.right
    for fact in facts:
        proof.demand(fact, at_most(fact.relation.left, bound))
    largest = sympy.Max(*[fact.relation.left for fact in facts])
    return proof.take(at_most(largest, bound), "all are at most this", facts)


def arbitrarily_small() -> Any:
    """Return a positive number that occurs nowhere else."""
    return sympy.Dummy("delta", positive=True)


@rule
def without_small(proof: Proof, fact: Fact, small: Any) -> Fact:
    """Conclude X <= Y(0) from X <= Y(δ) for every δ > 0, Y a polynomial in δ."""
    left, right = fact.relation.left, fact.relation.right
    if not (isinstance(small, sympy.Dummy) and small.is_positive and spans(small)):
        raise ProofError(f"{small} is not arbitrarily small.")
    proof.demand_free(fact, small)
    if left.has(small) or not right.is_polynomial(small):
        raise ProofError(f"{fact.relation} does not tend to a limit as {small} tends to 0.")
    for limit in limits_in(sympy.diff(right, small)):
        raise ProofError(f"{limit} may be infinite, and times {small} then is, too.")
    return proof.take(Relation(left, "<=", right.subs(small, 0)), "as δ tends to 0", (fact,))


@rule
def twice_product(proof: Proof, scale: Fact, one: Any, other: Any) -> Fact:
    """Conclude 2 c u w <= c² u² + w² from 0 < c."""
    factor = scale.relation.right
    proof.demand(scale, less(0, factor))
    if not (one.is_real and other.is_real):
        raise ProofError(f"{one} and {other} must be real.")
    known = sympy.Dummy("c", positive=True)
    proof.at_most(
        2 * known * one * other,
        (known * one) ** 2 + other**2,
        "for every positive number",
        certificate=(known * one - other) ** 2,
    )
    relation = at_most(2 * factor * one * other, (factor * one) ** 2 + other**2)
    return proof.take(relation, "a square is not negative", (scale,))


@rule
def root_above(proof: Proof, side: Any, radicand: Any, words: str, **reasons: Any) -> Fact:
    """Show side < √radicand, from side² < radicand."""
    return _by_squares(proof, less(side, sympy.sqrt(radicand)), words, reasons)


@rule
def root_at_least(proof: Proof, side: Any, radicand: Any, words: str, **reasons: Any) -> Fact:
    """Show side <= √radicand, from side² <= radicand."""
    return _by_squares(proof, at_most(side, sympy.sqrt(radicand)), words, reasons)


@rule
def root_below(proof: Proof, radicand: Any, side: Any, words: str, **reasons: Any) -> Fact:
    """Show √radicand < side, from 0 <= radicand < side² and 0 <= side."""
    signs = _signs(proof, radicand, side, words, reasons)
    return _by_squares(proof, less(sympy.sqrt(radicand), side), words, reasons, signs)


@rule
def root_at_most(proof: Proof, radicand: Any, side: Any, words: str, **reasons: Any) -> Fact:
    """Show √radicand <= side, from 0 <= radicand <= side² and 0 <= side."""
    signs = _signs(proof, radicand, side, words, reasons)
    return _by_squares(proof, at_most(sympy.sqrt(radicand), side), words, reasons, signs)


def _by_squares(
    proof: Proof, relation: Relation, words: str, reasons: Any, signs: tuple[Fact, ...] = ()
) -> Fact:
    """Show a relation from that of the squares; the signs make this a valid conclusion."""
    show = proof.less if relation.sign == "<" else proof.at_most
    squared = show(relation.left**2, relation.right**2, f"{words}, squared", **reasons)
    return proof.take(relation, words, (*signs, squared))


def _signs(proof: Proof, radicand: Any, side: Any, words: str, reasons: Any) -> tuple[Fact, Fact]:
    return (
        proof.at_most(0, radicand, f"{words}: the root is real", **reasons),
        proof.at_most(0, side, f"{words}: no negative side", **reasons),
    )


@rule
def roots(proof: Proof, fact: Fact, words: str) -> Fact:
    """Conclude √X <= √Y from X <= Y, where X is shown to be non-negative."""
    left, right = fact.relation.left, fact.relation.right
    sign = proof.at_most(0, left, f"{words}: the root is real")
    relation = Relation(sympy.sqrt(left), fact.relation.sign, sympy.sqrt(right))
    return proof.take(relation, words, (fact, sign))


@rule
def powers(proof: Proof, fact: Fact, exponent: Any, words: str) -> Fact:
    """Conclude X^c <= Y^c from X <= Y, where X is shown to be positive and c is not negative."""
    left, right = fact.relation.left, fact.relation.right
    proof.demand(fact, at_most(left, right))
    sign = proof.less(0, left, f"{words}: a positive base")
    if not is_nonnegative(exponent):
        raise ProofError(f"{exponent} is not known to be non-negative.")
    demand_constant(exponent)
    both = (sympy.expand_power_base(side**exponent) for side in (left, right))
    return proof.take(at_most(*both), words, (fact, sign))


@rule
def ordered_squares(
    proof: Proof, smaller: Any, larger: Any, squares: Fact, sign: Fact, words: str
) -> Fact:
    """Conclude X <= Y from X² <= Y² and 0 <= Y."""
    proof.demand(squares, at_most(smaller**2, larger**2))
    proof.demand(sign, at_most(0, larger))
    return proof.take(at_most(smaller, larger), words, (squares, sign))


@rule
def smoothed_root(proof: Proof, value: Any, small: Any) -> tuple[Any, Fact, Fact]:
    """Return √(V + δ²), with √V <= √(V + δ²) and δ <= √(V + δ²), for V >= 0."""
    root = sympy.sqrt(value + small**2)
    proof.less(0, value + small**2, "the root is smooth")
    return (
        root,
        roots(proof, proof.at_most(value, root**2, "adding δ²"), "the root increases"),
        roots(proof, proof.at_most(small**2, root**2, "adding V"), "the root increases"),
    )


@rule
def length_at_most(proof: Proof, most: Fact, least: Fact, index: Any) -> Fact:
    """Conclude ‖u‖ <= √n c from −c <= u_a <= c for every component."""
    component, level = most.relation.left, most.relation.right
    proof.demand(most, at_most(component, level))
    proof.demand(least, at_most(-level, component))
    for fact in (most, least):
        proof.demand_free(fact, index)
        proof.demand_range(fact, index, dimension)
    if not runs(index):
        raise ProofError(f"{index} does not run over all components.")
    if index in level.free_symbols:
        raise ProofError(f"{level} must be the same for every {index}.")
    u, c = sympy.symbols("u c", real=True)
    proof.equal((c - u) * (c + u), c**2 - u**2, "two non-negative factors: u² <= c²")
    length = sympy.sqrt(sympy.Sum(component**2, (index, 1, dimension)))
    return proof.take(at_most(length, sympy.sqrt(dimension) * level), "n components", (most, least))
