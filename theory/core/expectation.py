"""Expected values and upper limits over time, as symbols, and the rules that they obey."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.proofs.signs import is_nonnegative

Average = Callable[[Any], Any]
"""What a rule puts around a function of the state: `Expectation`, or `each_path` for nothing."""


class Expectation(sympy.Function):  # type: ignore[misc]
    """E of a function of the state, over noise and start, at a time if one is given; unevaluated."""

    is_real = True
    nargs = (1, 2)

    def _latex(self, printer: Any, exp: str = "") -> str:
        at = f"_{{t = {printer.doprint(self.args[1])}}}" if len(self.args) == 2 else ""
        power = f"^{{{exp}}}" if exp else ""
        return rf"\mathbb{{E}}{at}\left[{printer.doprint(self.args[0])}\right]{power}"


class UpperLimit(sympy.Function):  # type: ignore[misc]
    """The upper limit as time tends to infinity, i.e. what holds after transients; unevaluated."""

    is_real = True

    def _latex(self, printer: Any) -> str:
        return rf"\limsup_{{t \to \infty}} {printer.doprint(self.args[0])}"


def each_path(value: Any) -> Any:
    """Return the value itself: for a rule about every path in place of an expectation."""
    return value


def is_random(expression: Any) -> bool:
    """Return whether an expression depends on the state: it has indexed symbols or sums."""
    return bool(sympy.sympify(expression).has(sympy.Indexed, sympy.Sum))


def demand_constant(*values: Any) -> None:
    """Raise ProofError unless the values are the same at all states."""
    if any(map(is_random, values)):
        raise ProofError(f"{', '.join(map(str, values))} must be the same at all states.")


def positive_rate(proof: Proof, rate: Fact) -> Any:
    """Return the constant r of a fact 0 < r."""
    speed = rate.relation.right
    proof.demand(rate, less(0, speed))
    demand_constant(speed)
    return speed


def expected(proof: Proof, fact: Fact, time: Any, words: str) -> Fact:
    """Take the expectation, at one time, of both sides of a relation that holds at all states."""
    left, right = (
        sympy.Add(*[_linear(term, time) for term in sympy.Add.make_args(sympy.expand_mul(side))])
        for side in (fact.relation.left, fact.relation.right)
    )
    return proof.take(Relation(left, fact.relation.sign, right), words, (fact,))


def _linear(term: Any, time: Any) -> Any:
    factors = sympy.Mul.make_args(term)
    fixed = sympy.Mul(*[factor for factor in factors if not is_random(factor)])
    random = [factor for factor in factors if is_random(factor)]
    return fixed * Expectation(sympy.Mul(*random), time) if random else fixed


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
    proof.demand(fact, at_most(smaller, factor * larger))
    if is_random(factor) or not is_nonnegative(factor):
        raise ProofError(f"{factor} must be a non-negative constant.")
    before, after = (UpperLimit(average(value)) for value in (smaller, larger))
    return proof.take(at_most(before, factor * after), "the limit keeps the order", (fact,))
