"""Differential inequalities: decay, and limits under a disturbance, of functions on solutions.

The right side may be random or contain arbitrary signals; every path is differentiable in time.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import COMPARISON
from theory.core.expectation import (
    Average,
    Expectation,
    OfSolutions,
    UpperLimit,
    demand_always,
    demand_average,
    demand_time,
    demand_timeless,
    each_path,
    in_the_limit,
    positive_rate,
)
from theory.core.inequalities import arbitrarily_small, smoothed_root, without_small
from theory.core.moments import Diffusion, Stacked, noiseless, relaxation
from theory.proofs.domains import demand_constant
from theory.proofs.dynamics import Dynamics
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most
from theory.proofs.signs import is_nonnegative
from theory.symbols import agents, time

SOLVED = Assumption(
    "solutions for all times",
    "the equations have solutions for all times, differentiable in time; where they are random, "
    "their expectations, and those of their inputs, are bounded on bounded times",
)


class Along(OfSolutions):
    """A function of the state, on a solution at a time; left unevaluated."""

    nargs = 2
    keeps_sign = True
    keeps_order = True

    def _latex(self, printer: Any) -> str:
        value, at = (printer.doprint(part) for part in self.args)
        return rf"\left.{value}\right|_{{t = {at}}}"


@dataclasses.dataclass(frozen=True)
class Part:
    """A family of vectors with their velocities."""

    state: Any
    velocity: Callable[[Any, Any], Any]
    count: Any = agents


@dataclasses.dataclass(frozen=True)
class Flow:
    """An ordinary differential equation, part by part; what belongs to no part is constant."""

    parts: tuple[Part, ...]

    def derivative(self, value: Any) -> Any:
        """Return the time derivative of a function of the state."""
        return self._stacked().generator(value)

    def dynamics(self) -> Dynamics:
        """Return the motion of each array."""
        return self._stacked().dynamics()

    def _stacked(self) -> Stacked:
        return Stacked(
            tuple(
                Diffusion(part.state, part.velocity, noiseless, part.count) for part in self.parts
            )
        )


def decay(value: Any, rate: Any, start: Any = None) -> Relation:
    """Return V(t) <= e^{−rt} V(0), or with the function `start` for V on the right."""
    start = value if start is None else start
    return at_most(Along(value, time), sympy.exp(-time * rate) * Along(start, 0))


@rule
def decays(proof: Proof, flow: Flow, value: Any, rate: Any, growth: Fact) -> Fact:
    """Conclude V(t) <= e^{−rt} V(0) from V' <= −r V."""
    proof.demand(growth, at_most(flow.derivative(value), -rate * value))
    demand_always(proof, growth)
    demand_constant(rate)
    t, r, start = sympy.symbols("t r v_0", real=True)
    solution = start * sympy.exp(-r * t)
    proof.equal(sympy.diff(solution, t), -r * solution, "solution of the linear equation")
    return proof.take(
        decay(value, rate),
        "the function stays below the solution of the linear equation",
        (growth,),
        cited=(COMPARISON,),
        required=(SOLVED,),
        dynamics=flow.dynamics(),
    )


@rule
def rooted(proof: Proof, value: Any, rate: Any, fact: Fact) -> Fact:
    """Conclude √V(t) <= e^{−rt} √V(0) from V(t) <= e^{−2rt} V(0), for V >= 0."""
    demand_constant(rate)
    proof.demand(fact, decay(value, 2 * rate))
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    return proof.take(decay(sympy.sqrt(value), rate), "roots keep the order", (fact,))


@rule
def on_solutions(proof: Proof, fact: Fact, at: Any) -> Fact:
    """Conclude X <= Y on solutions from X <= Y at all states (or the same with < or =)."""
    demand_timeless(fact)
    demand_always(proof, fact)
    demand_time(at)
    left, right = (Along(side, at) for side in (fact.relation.left, fact.relation.right))
    return proof.take(Relation(left, fact.relation.sign, right), "on every solution", (fact,))


@rule
def settles(
    proof: Proof,
    flow: Flow,
    value: Any,
    growth: Fact,
    rate: Fact,
    disturbance: Any,
    *,
    offset: Any = 0,
    average: Average = each_path,
) -> Fact:
    """Conclude lim sup V <= (c + lim sup S) / r from V' <= c + S − r V and 0 < r."""
    demand_average(average)
    speed = positive_rate(proof, rate)
    demand_constant(offset)
    proof.demand(growth, at_most(flow.derivative(value), offset + disturbance - speed * value))
    demand_always(proof, growth)
    moves = sympy.sympify(disturbance).has(*flow.dynamics())
    if moves and not is_nonnegative(value):
        # what falls without end has the limit −∞, and is not bounded by a multiple of itself
        raise ProofError(f"{value} is not known to be non-negative.")
    solution, t, r, s, _ = relaxation(proof)
    proof.equal(sympy.limit(solution, t, sympy.oo), s / r, "its limit")
    after = UpperLimit(average(disturbance)) if disturbance != 0 else 0
    return proof.take(
        at_most(UpperLimit(average(value)), (offset + after) / speed),
        "from each time on, below the solution of the linear equation with the largest disturbance "
        "still to come",
        (growth, rate),
        cited=(COMPARISON,),
        required=(SOLVED,),
        dynamics=flow.dynamics(),
    )


@rule
def disturbed_limit(
    proof: Proof,
    flow: Flow,
    value: Any,
    growth: Fact,
    rate: Fact,
    disturbance: Any,
    *,
    average: Average = Expectation,
) -> Fact:
    """Conclude lim sup E √V <= lim sup E S / r from V' <= 2 √V S − 2 r V.

    The proof bounds √(V + δ²), which is smooth where √V is not, and lets δ tend to 0.
    """
    speed = positive_rate(proof, rate)
    length = sympy.sqrt(value)
    bound = 2 * length * disturbance - 2 * speed * value
    proof.demand(growth, at_most(flow.derivative(value), bound))
    small = arbitrarily_small()
    smooth, longer, above_small = smoothed_root(proof, value, small)
    slower = proof.product(rate, above_small, "times the rate")
    smoothly = proof.at_most(
        flow.derivative(smooth),
        speed * small + disturbance - speed * smooth,
        "contraction against a disturbance that adds at most its length",
        using={growth: 1 / (2 * smooth), longer: disturbance / smooth, slower: small / smooth},
        certificate=0,
    )
    near = in_the_limit(proof, length, sympy.S.One, smooth, longer, average=average)
    stays = settles(
        proof, flow, smooth, smoothly, rate, disturbance, offset=speed * small, average=average
    )
    within = proof.at_most(
        near.relation.left,
        UpperLimit(average(disturbance)) / speed + small,
        "to within δ",
        using={near: 1, stays: 1},
    )
    return without_small(proof, within, small)
