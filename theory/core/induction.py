"""Sequences defined by recursion, proofs by induction, and the means of affine sequences.

The step of an induction is a proof inside the proof: it may use all facts so far and the claim at one
fixed t, and must reach the claim at t + 1.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.random_arrays import RandomArray, averaged
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, equal
from theory.proofs.signs import is_zero
from theory.symbols import PARAMETERS

BY_RECURSION = "by the recursion"


@dataclasses.dataclass(frozen=True)
class Recursion:
    """A sequence of arrays, each computed from the one before."""

    state: Any
    update: Callable[..., Any]


def stepped(proof: Proof, recursion: Recursion, time: Any, *indices: Any) -> Fact:
    """Return state[t + 1, ...] = update(t, ...), as a fact."""
    state, value = recursion.state, sympy.sympify(recursion.update(time, *indices))
    late = [entry for entry in value.atoms(sympy.Indexed) if entry.base == state]
    if any(entry.indices[0] != time for entry in late):
        raise ProofError(f"the step of {state} from {time} must use {state} at {time} alone.")
    _demand_definable(state, (time, *indices), value)
    for fact in proof.facts:
        _demand_same(recursion, fact)
    return proof.take(equal(state[(time + 1, *indices)], value), BY_RECURSION, ())


def defined(proof: Proof, entry: Any, value: Any) -> Fact:
    """Define an array: entry = value, as a fact."""
    array, value = entry.base, sympy.sympify(value)
    used = any(fact.relation.contains(array) for fact in proof.facts)
    if value.has(array) or used or len(set(entry.indices)) < len(entry.indices):
        raise ProofError(f"{array} is in use already.")
    _demand_definable(array, entry.indices, value)
    return proof.take(equal(entry, value), "by definition", ())


def _demand_definable(array: Any, indices: tuple[Any, ...], value: Any) -> None:
    """Demand that a value can define an array at these indices."""
    free = {name for name in value.free_symbols if name.is_Symbol and name.is_integer}
    if not all(index.is_Symbol for index in indices) or free - {*indices} - PARAMETERS.keys():
        raise ProofError(f"{value} is no function of the indices of {array}.")
    bases = value.atoms(sympy.IndexedBase)
    if any(isinstance(base, RandomArray) for base in bases) and not isinstance(array, RandomArray):
        raise ProofError(f"{array} is fixed, but its value is random.")


def _demand_same(recursion: Recursion, fact: Fact) -> None:
    """Refuse a second recursion for a sequence that already has one in this proof."""
    entry = fact.relation.left
    if fact.words != BY_RECURSION or entry.base != recursion.state:
        return
    time, *indices = entry.indices
    if not is_zero(recursion.update(time - 1, *indices) - fact.relation.right):
        raise ProofError(f"{recursion.state} is given by two recursions.")


def by_induction(
    proof: Proof, claim: Relation, time: Any, base: Fact, step: Callable[[Proof, Fact], Fact]
) -> Fact:
    """Conclude a claim for t = 1, 2, ... from t = 1 and the step from t to t + 1."""
    if not (time.is_Symbol and time.is_integer) or time in {*proof.fixed, *PARAMETERS}:
        raise ProofError(f"{time} is no free integer.")
    proof.demand(base, claim.subs({time: sympy.S.One}))
    number = sum(fact.words.startswith("induction hypothesis") for fact in proof.facts)
    hypothesis = Assumption(f"induction hypothesis {number + 1}", "the claim at t", claim)
    inner = Proof((*proof.assumptions, hypothesis), (*proof.fixed, time), proof.facts)
    reached = step(inner, inner.assume(hypothesis.name))
    inner.demand(reached, claim.subs({time: time + 1}))
    loose = reached.rests_on - {a.name for a in inner.assumptions}
    if loose:
        raise ProofError(f"the step leaves open: {', '.join(sorted(loose))}.")
    proof.facts.extend(inner.facts[len(proof.facts) :])
    needed = [a for a in proof.assumptions if a.name in reached.rests_on]
    return proof.take(claim, "by induction", (base,), cited=reached.cites, required=needed)


def mean_follows(
    proof: Proof,
    random: Recursion,
    fixed: Recursion,
    time: Any,
    *indices: Any,
    start: Fact,
    moments: Iterable[Fact],
) -> Fact:
    """Conclude E f_t = g_t for all t, by induction."""
    claim = equal(Expectation(random.state[(time, *indices)]), fixed.state[(time, *indices)])
    base = averaged(proof, start, "the first models")

    def step(inner: Proof, known: Fact) -> Fact:
        after = stepped(inner, random, time, *indices)
        mean = averaged(inner, after, "the expectation passes through the step")
        mean = rewritten(inner, mean, [known, *moments], "by the moments of the noise")
        other = stepped(inner, fixed, time, *indices)
        ends = mean.relation.left, other.relation.left
        return combined(inner, *ends, {mean: 1, other: -1}, "less the same step without noise")

    return by_induction(proof, claim, time, base, step)
