"""Moments in the long run: averages over time, and exact limits of moments that close."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sympy

from theory.core.cited import DYNKIN
from theory.core.expectation import Expectation, UpperLimit, is_random
from theory.core.moments import REGULAR, Generated
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less
from theory.proofs.signs import is_nonnegative


class TimeAverage(sympy.Function):  # type: ignore[misc]
    """The upper limit of the average over all times up to T as T grows; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        inside = printer.doprint(self.args[0])
        return rf"\limsup_{{T \to \infty}} \frac{{1}}{{T}} \int_0^T {inside}\,dt"


def average_limit(
    proof: Proof, model: Generated, value: Any, kept: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude that the time average of E W is at most s / r from LV <= s − r W, V >= 0 and 0 < r.

    By Dynkin's formula r ∫ E W <= s T + E V(0) − E V(T), and V(T) is not negative.
    """
    speed = rate.relation.right
    proof.demand(rate, less(0, speed))
    proof.demand(growth, at_most(model.generator(value), source - speed * kept))
    if is_random(source) or is_random(speed):
        raise ProofError(f"{source} and {speed} must be the same at all states.")
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    return proof.take(
        at_most(TimeAverage(Expectation(kept)), source / speed),
        "what is lost on average is not more than what comes in",
        (growth, rate),
        cited=(DYNKIN,),
        required=(REGULAR,),
    )


@dataclasses.dataclass(frozen=True)
class ClosedMoment:
    """A function V of the state whose moment obeys an equation of its own, LV = s − r V."""

    value: Any
    exact: Fact
    rate: Fact
    source: Any

    @property
    def limit(self) -> Any:
        """What E V tends to: s / r."""
        return self.source / self.rate.relation.right


def moments_settle(
    proof: Proof, model: Generated, value: Any, parts: Sequence[tuple[Any, ClosedMoment]]
) -> Fact:
    """Conclude lim E V = Σ w s / r for V = Σ w V_m, all V_m with closed moments."""
    for weight, part in parts:
        speed = part.rate.relation.right
        proof.demand(part.rate, less(0, speed))
        proof.demand(
            part.exact, equal(model.generator(part.value), part.source - speed * part.value)
        )
        if any(map(is_random, (weight, speed, part.source))):
            raise ProofError(f"{weight}, {speed} and {part.source} must be the same at all states.")
    total = proof.equal(
        value, sympy.Add(*[weight * part.value for weight, part in parts]), "taken apart"
    )
    limit = sympy.Add(*[weight * part.limit for weight, part in parts])
    premises = [fact for _, part in parts for fact in (part.exact, part.rate)]
    return proof.take(
        equal(UpperLimit(Expectation(value)), limit),
        "each moment solves a linear equation",
        (total, *premises),
        cited=(DYNKIN,),
        required=(REGULAR,),
    )
