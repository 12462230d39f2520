"""Solutions of ordinary equations: what a differential inequality says of them as time goes on.

The right side may be random, or carry signals that are anything: each path is differentiable in time.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import COMPARISON
from theory.core.expectation import UpperLimit, is_random
from theory.core.moments import Diffusion
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.proofs.signs import is_nonnegative
from theory.symbols import agents, time

SOLVED = Assumption(
    "solutions for all times",
    "the equations have solutions for all times, differentiable in time; where they are random, "
    "their expectations and those of what drives them are bounded on bounded times",
)


def each_path(value: Any) -> Any:
    """Return the value itself: what `settles` speaks of unless it is to speak of expectations."""
    return value


class Along(sympy.Function):  # type: ignore[misc]
    """A function of the state, on a solution at a time; left unevaluated."""

    is_real = True
    nargs = 2

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
    """An ordinary differential equation, part by part.

    Whatever else a function of the state contains, such as a metric, does not move.
    """

    parts: tuple[Part, ...]

    def derivative(self, value: Any) -> Any:
        """Return the time derivative of a function of the state."""
        return sympy.Add(*[_derivative(part, value) for part in self.parts])


def _derivative(part: Part, value: Any) -> Any:
    still = Diffusion(part.state, part.velocity, lambda i, a, c: 0, part.count)
    return still.generator(value)


def decays(proof: Proof, flow: Flow, value: Any, rate: Any, growth: Fact) -> Fact:
    """Conclude V(t) <= e^{−rt} V(0) from V' <= −r V."""
    proof.demand(growth, at_most(flow.derivative(value), -rate * value))
    _constant(rate)
    bound = sympy.exp(-time * rate) * Along(value, 0)
    t, r, start = sympy.symbols("t r v_0", real=True)
    solution = start * sympy.exp(-r * t)
    proof.equal(sympy.diff(solution, t), -r * solution, "solution of the linear equation")
    return proof.take(
        at_most(Along(value, time), bound),
        "it stays below the solution of the linear equation",
        (growth,),
        cited=(COMPARISON,),
        required=(SOLVED,),
    )


def rooted(proof: Proof, value: Any, rate: Any, fact: Fact) -> Fact:
    """Conclude √V(t) <= e^{−rt} √V(0) from V(t) <= e^{−2rt} V(0)."""
    squared = sympy.exp(-2 * time * rate) * Along(value, 0)
    proof.demand(fact, at_most(Along(value, time), squared))
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    root = sympy.sqrt(value)
    bound = sympy.exp(-time * rate) * Along(root, 0)
    return proof.take(at_most(Along(root, time), bound), "roots keep the order", (fact,))


def settles(
    proof: Proof,
    flow: Flow,
    value: Any,
    growth: Fact,
    rate: Fact,
    push: Any,
    *,
    offset: Any = 0,
    seen: Callable[[Any], Any] = each_path,
) -> Fact:
    """Conclude lim sup V <= (c + lim sup S) / r from V' <= c + S − r V and 0 < r."""
    speed = rate.relation.right
    proof.demand(rate, less(0, speed))
    proof.demand(growth, at_most(flow.derivative(value), offset + push - speed * value))
    _constant(speed, offset)
    t, r, s, start = sympy.symbols("t r s v_0", positive=True)
    solution = s / r + (start - s / r) * sympy.exp(-r * t)
    proof.equal(sympy.diff(solution, t), s - r * solution, "solution of the linear equation")
    proof.equal(sympy.limit(solution, t, sympy.oo), s / r, "its limit")
    after = UpperLimit(seen(push)) if push != 0 else 0
    return proof.take(
        at_most(UpperLimit(seen(value)), (offset + after) / speed),
        "from any time on, below the solution of the linear equation with the largest push to come",
        (growth, rate),
        cited=(COMPARISON,),
        required=(SOLVED,),
    )


def ordered_limits(
    proof: Proof,
    smaller: Any,
    factor: Any,
    larger: Any,
    fact: Fact,
    *,
    seen: Callable[[Any], Any] = each_path,
) -> Fact:
    """Conclude lim sup X <= c lim sup Y from X <= c Y at all states, c >= 0 a constant."""
    proof.demand(fact, at_most(smaller, factor * larger))
    _constant(factor)
    if not is_nonnegative(factor):
        raise ProofError(f"{factor} must not be negative.")
    before, after = (UpperLimit(seen(value)) for value in (smaller, larger))
    return proof.take(at_most(before, factor * after), "the limit keeps the order", (fact,))


def _constant(*values: Any) -> None:
    for value in values:
        if is_random(value):
            raise ProofError(f"{value} must be the same at all states.")


def on_solutions(proof: Proof, fact: Fact, time: Any) -> Fact:
    """Conclude X <= Y on solutions from X <= Y at all states (or the same with < or =)."""
    left, right = (Along(side, time) for side in (fact.relation.left, fact.relation.right))
    return proof.take(Relation(left, fact.relation.sign, right), "on every solution", (fact,))
