"""Expected values and upper limits over time, as symbols, and the rules that they obey."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.proofs.domains import demand_constant, is_constant
from theory.proofs.dynamics import speaks_of_solutions
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.proofs.signs import has_real_parts, is_nonnegative
from theory.symbols import time

Average = Callable[[Any], Any]
"""What a rule puts around a function of the state: `Expectation`, or `each_path` for nothing."""


class RealFunction(sympy.Function):  # type: ignore[misc]
    """A function that is real where its argument is."""

    def _eval_is_real(self) -> bool | None:
        """Return True where the argument is made of what is real, else None for "not shown"."""
        return True if has_real_parts(self.args[0]) else None


class OfSolutions(RealFunction):
    """A quantity of the solutions of equations: a fact about it says which equations."""

    of_solutions = True


class Constant(sympy.IndexedBase):  # type: ignore[misc]
    """An array of numbers that are the same at all times, on all paths and in all rounds."""

    constant = True


class Expectation(RealFunction):
    """E of a function of the state, over noise and start, at a time if one is given; unevaluated."""

    nargs = (1, 2)
    averages = True
    keeps_sign = True
    keeps_order = True

    @property
    def of_solutions(self) -> bool:
        """Return whether it is taken at a time."""
        return len(self.args) == 2

    def _latex(self, printer: Any, exp: str = "") -> str:
        at = f"_{{t = {printer.doprint(self.args[1])}}}" if len(self.args) == 2 else ""
        power = f"^{{{exp}}}" if exp else ""
        return rf"\mathbb{{E}}{at}\left[{printer.doprint(self.args[0])}\right]{power}"


class UpperLimit(OfSolutions):
    """The upper limit as time tends to infinity, i.e. what holds after transients; unevaluated."""

    keeps_sign = True
    may_be_infinite = True

    def _latex(self, printer: Any) -> str:
        return rf"\limsup_{{t \to \infty}} {printer.doprint(self.args[0])}"


def each_path(value: Any) -> Any:
    """Return the value itself: for a rule about every path in place of an expectation."""
    return value


def demand_average(average: Average) -> None:
    """Raise ProofError for an average of one's own: the rules hold for these two."""
    if average not in (Expectation, each_path):
        raise ProofError("an average is Expectation, or each_path for the value itself.")


def demand_timeless(fact: Fact) -> None:
    """Raise ProofError unless a relation is one between functions of the state."""
    relation = fact.relation
    if relation.contains(time) or speaks_of_solutions(relation):
        raise ProofError(f"{relation} must hold at all states, and must not depend on the time.")


@rule
def demand_always(proof: Proof, *facts: Fact) -> None:
    """Raise ProofError for a fact that rests on a hypothesis about one time alone."""
    for fact in facts:
        if time in proof.fixed | fact.fixed:
            raise ProofError(
                f"{fact.relation} is known at one time alone, and is needed at all times; make its "
                f"hypotheses for all {time}."
            )


def demand_time(at: Any) -> None:
    """Raise ProofError for a time of a solution that depends on the solution."""
    if at != time:
        demand_constant(at)


@rule
def positive_rate(proof: Proof, rate: Fact) -> Any:
    """Return the constant r of a fact 0 < r."""
    speed = rate.relation.right
    proof.demand(rate, less(0, speed))
    demand_constant(speed)
    return speed


@rule
def expected(proof: Proof, fact: Fact, at: Any, words: str) -> Fact:
    """Take the expectation, at one time, of both sides of a relation that holds at all states."""
    demand_timeless(fact)
    demand_always(proof, fact)
    demand_time(at)
    left, right = (
        sympy.Add(*[_linear(term, at) for term in sympy.Add.make_args(sympy.expand_mul(side))])
        for side in (fact.relation.left, fact.relation.right)
    )
    return proof.take(Relation(left, fact.relation.sign, right), words, (fact,))


def _linear(term: Any, at: Any) -> Any:
    factors = sympy.Mul.make_args(term)
    fixed = sympy.Mul(*[factor for factor in factors if is_constant(factor)])
    # what is not known to be the same at all states may be a function of the state
    random = [factor for factor in factors if not is_constant(factor)]
    return fixed * Expectation(sympy.Mul(*random), at) if random else fixed


@rule
def in_the_limit(
    proof: Proof,
    smaller: Any,
    factor: Any,
    larger: Any,
    fact: Fact,
    *,
    average: Average = Expectation,
) -> Fact:
    """Conclude lim sup E X <= c lim sup E Y from X <= c Y at all states, c >= 0 a constant."""
    demand_average(average)
    proof.demand(fact, at_most(smaller, factor * larger))
    demand_timeless(fact)
    demand_always(proof, fact)
    demand_constant(factor)
    if not is_nonnegative(factor):
        raise ProofError(f"{factor} must be a non-negative constant.")
    before, after = (UpperLimit(average(value)) for value in (smaller, larger))
    return proof.take(at_most(before, factor * after), "the limit keeps the order", (fact,))
