"""Sequences defined by recursion, proofs by induction, and the means of affine sequences.

The step of an induction is a proof inside the proof: it may use all facts so far and the claim at one
fixed t, and must reach the claim at t + 1.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.core.covariance import demand_covariance
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Constant, Expectation
from theory.core.random_arrays import RandomArray, averaged
from theory.proofs.domains import KnownSigns
from theory.proofs.dynamics import Dynamics, Motion, demand_not_in, symbols_of, written
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.indices import runs
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, equal
from theory.proofs.substitution import demand_fits
from theory.proofs.sums import at_places
from theory.symbols import PARAMETERS, TIMES

BY_RECURSION = "by the recursion"


@dataclasses.dataclass(frozen=True)
class Recursion:
    """A sequence of arrays, each computed from the one before."""

    state: Any
    update: Callable[..., Any]

    def law(self, time: Any, *indices: Any) -> Motion:
        """Return the law of the sequence, written at a time and indices."""
        return written("recursion", (time, *indices), at_places(self.update, time, *indices))


@dataclasses.dataclass(frozen=True)
class Recurrent:
    """The system of sequences that a statement speaks of, with the time and the other indices."""

    recursion: Recursion
    indices: tuple[Any, ...]

    def dynamics(self) -> Dynamics:
        """Return the law of the sequence."""
        return {self.recursion.state: self.recursion.law(*self.indices)}

    def equation(self) -> Assumption:
        """Return the law of the sequence as a relation for all its indices."""
        time, *others = self.indices
        relation = equal(
            self.recursion.state[(time + 1, *others)],
            at_places(self.recursion.update, *self.indices),
        )
        return Assumption(f"the law of {self.recursion.state}", "", relation, over=self.indices)


@dataclasses.dataclass(frozen=True)
class Definition:
    """The definition of an array that a statement speaks of: entry = value for all indices."""

    entry: Any
    value: Any

    def dynamics(self) -> Dynamics:
        """Return the definition as the law of the array."""
        return {self.entry.base: written("definition", self.entry.indices, self.value)}

    def equation(self) -> Assumption:
        """Return the definition as a relation for all indices."""
        relation = equal(self.entry, self.value)
        return Assumption(f"the law of {self.entry.base}", "", relation, over=self.entry.indices)


@rule
def stepped(proof: Proof, recursion: Recursion, time: Any, *indices: Any) -> Fact:
    """Return state[t + 1, ...] = update(t, ...), as a fact."""
    state, value = recursion.state, at_places(recursion.update, time, *indices)
    late = [entry for entry in value.atoms(sympy.Indexed) if entry.base == state]
    if any(entry.indices[0] != time for entry in late):
        raise ProofError(f"the step of {state} from {time} must use {state} at {time} alone.")
    known = _demand_definable(proof, state, (time, *indices), value)
    if not runs(time) or len({time, *indices}) < 1 + len(indices):
        raise ProofError(f"{time} does not run over all times, or is another index, too.")
    dynamics = {state: recursion.law(time, *indices)}
    _demand_only_law(proof, dynamics)
    relation = equal(state[(time + 1, *indices)], value)
    return proof.take(relation, BY_RECURSION, known, dynamics=dynamics)


@rule
def defined(proof: Proof, entry: Any, value: Any) -> Fact:
    """Define an array: entry = value, as a fact; the statement must declare the definition."""
    array, value = entry.base, sympy.sympify(value)
    used = any(fact.relation.contains(array) for fact in proof.facts)
    if value.has(array) or used or len(set(entry.indices)) < len(entry.indices):
        raise ProofError(f"{array} is in use already.")
    spoken_of = any(_speaks_of(assumption, array) for assumption in proof.assumptions)
    if spoken_of and array not in proof.declared:
        raise ProofError(f"{array} is in use already: the assumptions speak of it.")
    if isinstance(array, Constant):
        raise ProofError(f"{array} is a constant, and is not defined.")
    known = _demand_definable(proof, array, entry.indices, value)
    dynamics = Definition(entry, value).dynamics()
    _demand_only_law(proof, dynamics)
    return proof.take(equal(entry, value), "by definition", known, dynamics=dynamics)


def _speaks_of(assumption: Assumption, array: Any) -> bool:
    """Return whether a hypothesis is one about an array."""
    families = (one for family in getattr(assumption, "families", ()) for one in family)
    stated = assumption.relation is not None and assumption.relation.contains(array)
    return stated or any(entry.has(array) for entry in families)


def _demand_definable(proof: Proof, array: Any, indices: tuple[Any, ...], value: Any) -> list[Fact]:
    """Demand that a value can define an array as it is declared; return the facts that show it."""
    if getattr(array, "of_loss", False):
        raise ProofError(f"{array} is a gradient of the loss, and follows no law of its own.")
    labels = {base.label for base in value.atoms(sympy.IndexedBase)}
    free = {name for name in value.free_symbols if name.is_Symbol} - labels
    # an array that has no time as an index is the same at all times
    fixed = PARAMETERS.keys() - TIMES
    if not all(index.is_Symbol for index in indices) or free - {*indices} - fixed:
        raise ProofError(f"{value} is no function of the indices of {array}.")
    bases = value.atoms(sympy.IndexedBase)
    if any(isinstance(base, RandomArray) for base in bases) and not isinstance(array, RandomArray):
        raise ProofError(f"{array} is fixed, but its value is random.")
    if getattr(array, "semidefinite", False):
        demand_covariance(value, *indices[-2:])
    signs = KnownSigns(proof.facts, proof.assumptions)
    demand_fits(array[indices], value, signs)
    return [proof.assume(one) if isinstance(one, str) else one for one in signs.used]


def _demand_only_law(proof: Proof, dynamics: Dynamics) -> None:
    """Refuse a second law for an array that already has one in this proof."""
    for fact in proof.facts:
        for array, motion in dynamics.items():
            if array in fact.dynamics and not fact.dynamics[array].same(motion):
                raise ProofError(f"{array} is given by two laws.")


@rule
def by_induction(
    proof: Proof, claim: Relation, time: Any, base: Fact, step: Callable[[Proof, Fact], Fact]
) -> Fact:
    """Conclude a claim for t = 1, 2, ... from t = 1 and the step from t to t + 1."""
    if not (runs(time) and time.is_positive) or time in proof.fixed:
        raise ProofError(f"{time} is no free integer from 1 on.")
    proof.demand(base, claim.subs({time: sympy.S.One}))
    proof.demand_free(base, time)
    names = claim.left.free_symbols | claim.right.free_symbols
    bound = {time, *(name for name, _ in base.ranges), *symbols_of(base.dynamics)}
    indices = {name for name in names if runs(name)} - bound - proof.fixed - base.fixed
    number = sum(fact.words.startswith("induction hypothesis") for fact in proof.facts)
    name = f"induction hypothesis {number + 1}"
    hypothesis = Assumption(name, "the claim at t", claim, over=tuple(indices))
    if name in {assumption.name for assumption in proof.assumptions}:
        raise ProofError(f'"{name}" is the name of the claim at t, not of an assumption.')
    inner = Proof(
        (*proof.assumptions, hypothesis),
        (*proof.fixed, time),
        proof.facts,
        proof.declared,
        proof.meanings,
    )
    reached = step(inner, inner.assume(hypothesis.name))
    inner.demand(reached, claim.subs({time: time + 1}))
    loose = reached.rests_on - {a.name for a in inner.assumptions}
    if loose:
        raise ProofError(f"the step leaves open: {', '.join(sorted(loose))}.")
    inner.demand_free(reached, *indices)
    for assumption in proof.assumptions:
        if assumption.name in reached.rests_on and _is_at_one(assumption, time):
            raise ProofError(f'"{assumption.name}" is known for one value of {time}.')
    demand_not_in(reached.dynamics, time)
    if any(name == time for fact in (base, reached) for name, _ in fact.ranges):
        raise ProofError(f"{claim} is known for {time} in the range of a sum alone.")
    proof.facts.extend(inner.facts[len(proof.facts) :])
    proof.taken.extend(inner.taken)
    needed = [a for a in proof.assumptions if a.name in reached.rests_on]
    concluded = proof.take(
        claim,
        "by induction",
        (base,),
        cited=reached.cites,
        required=needed,
        dynamics=reached.dynamics,
        fixed=reached.fixed - {time},
        endless=(time,),
    )
    return proof.within(concluded, concluded.ranges | reached.ranges)


def _is_at_one(assumption: Assumption, time: Any) -> bool:
    """Return whether a hypothesis is made for one time alone."""
    stated = assumption.relation
    sides = () if stated is None else (stated.left, stated.right)
    return time not in assumption.over and any(time in side.free_symbols for side in sides)


@rule
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
