"""Moments in the long run: averages over time, and moments that obey a closed equation."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sympy

from theory.core.cited import DYNKIN
from theory.core.expectation import (
    Expectation,
    OfSolutions,
    UpperLimit,
    demand_always,
    positive_rate,
)
from theory.core.moments import REGULAR, Generated, demand_second_degree
from theory.proofs.domains import demand_constant
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.signs import is_nonnegative
from theory.symbols import time


class TimeAverage(OfSolutions):
    """The upper limit of the average over all times up to T as T grows; left unevaluated."""

    nargs = 1
    keeps_sign = True
    may_be_infinite = True

    def _latex(self, printer: Any) -> str:
        inside = printer.doprint(self.args[0])
        return rf"\limsup_{{T \to \infty}} \frac{{1}}{{T}} \int_0^T {inside}\,dt"


@rule
def average_limit(
    proof: Proof, model: Generated, value: Any, kept: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude that the time average of E W is at most s / r from LV <= s − r W, V >= 0 and 0 < r.

    By Dynkin's formula r ∫ E W <= s T + E V(0) − E V(T), and V(T) is not negative.
    """
    speed = positive_rate(proof, rate)
    demand_constant(source)
    demand_second_degree(model, value, kept)
    proof.demand(growth, at_most(model.generator(value), source - speed * kept))
    demand_always(proof, growth)
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    return proof.take(
        at_most(TimeAverage(Expectation(kept)), source / speed),
        "on average the loss is at most the source",
        (growth, rate),
        cited=(DYNKIN,),
        required=(REGULAR,),
        dynamics=model.dynamics(),
    )


@dataclasses.dataclass(frozen=True)
class ClosedMoment:
    """A function V of the state whose moment obeys the closed equation LV = s − r V."""

    value: Any
    exact: Fact
    rate: Fact
    source: Any

    @property
    def limit(self) -> Any:
        """The limit of E V: s / r."""
        return self.source / self.rate.relation.right

    def demanded_rate(self, proof: Proof, model: Generated) -> Any:
        """Check the equation of the moment and return its rate."""
        speed = positive_rate(proof, self.rate)
        demand_constant(self.source)
        demand_second_degree(model, self.value)
        closed = equal(model.generator(self.value), self.source - speed * self.value)
        proof.demand(self.exact, closed)
        demand_always(proof, self.exact)
        return speed


@rule
def moment_exactly(proof: Proof, model: Generated, moment: ClosedMoment) -> Fact:
    """Conclude E V(t) = s / r + (E V(0) − s / r) e^{−rt} from LV = s − r V."""
    value, speed, limit = moment.value, moment.demanded_rate(proof, model), moment.limit
    start = sympy.Dummy("v_0", real=True)
    solution = limit + (start - limit) * sympy.exp(-speed * time)
    proof.equal(sympy.diff(solution, time), moment.source - speed * solution, "its equation")
    proof.equal(solution.subs(time, 0), start, "its start")
    return proof.take(
        equal(Expectation(value, time), solution.subs(start, Expectation(value, 0))),
        "the moment solves a linear equation",
        (moment.exact, moment.rate),
        cited=(DYNKIN,),
        required=(REGULAR,),
        dynamics=model.dynamics(),
    )


@rule
def moments_settle(
    proof: Proof, model: Generated, value: Any, parts: Sequence[tuple[Any, ClosedMoment]]
) -> Fact:
    """Conclude lim E V = Σ w s / r for V = Σ w V_m, all V_m with closed moments."""
    for weight, part in parts:
        part.demanded_rate(proof, model)
        demand_constant(weight)
    total = proof.equal(
        value,
        sympy.Add(*[weight * part.value for weight, part in parts]),
        "as a sum of closed moments",
    )
    limit = sympy.Add(*[weight * part.limit for weight, part in parts])
    premises = [fact for _, part in parts for fact in (part.exact, part.rate)]
    return proof.take(
        equal(UpperLimit(Expectation(value)), limit),
        "each moment solves a linear equation",
        (total, *premises),
        cited=(DYNKIN,),
        required=(REGULAR,),
        dynamics=model.dynamics(),
    )
