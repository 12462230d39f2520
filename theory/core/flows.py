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
    """A family of vectors with their velocities.

    Parameters
    ----------
    state : sympy.IndexedBase
        The vectors: ``state[i, a]``, i = 1..count, a = 1..n.
    velocity : callable
        (i, a) to the time derivative of ``state[i, a]``.
    count : sympy.Expr
        The number of vectors, p unless said.
    """

    state: Any
    velocity: Callable[[Any, Any], Any]
    count: Any = agents


@dataclasses.dataclass(frozen=True)
class Flow:
    """An ordinary differential equation, part by part.

    Whatever else a function of the state contains, such as a metric, does not move.

    Parameters
    ----------
    parts : tuple of Part
        All that moves.

    Examples
    --------
    >>> import sympy
    >>> i, a = sympy.symbols("i a", integer=True)
    >>> x = sympy.IndexedBase("x", real=True)
    >>> flow = Flow((Part(x, lambda i, a: -x[i, a]),))
    >>> flow.derivative(x[i, a] ** 2)
    -2*x[i, a]**2
    """

    parts: tuple[Part, ...]

    def derivative(self, value: Any) -> Any:
        """Return the time derivative of a function of the state."""
        return sympy.Add(*[_derivative(part, value) for part in self.parts])


def _derivative(part: Part, value: Any) -> Any:
    still = Diffusion(part.state, part.velocity, lambda i, a, c: 0, part.count)
    return still.generator(value)


def decays(proof: Proof, flow: Flow, value: Any, rate: Any, growth: Fact) -> Fact:
    """Conclude V(t) <= e^{−rt} V(0) from V' <= −r V.

    Parameters
    ----------
    proof : Proof
        Must make the assumption `SOLVED`.
    flow : Flow
        The equation.
    value : sympy.Expr
        V.
    rate : sympy.Expr
        r, of any sign, the same at all states.
    growth : Fact
        V' <= −r V.

    Returns
    -------
    Fact
        The inequality, with t the parameter `theory.symbols.time`.
    """
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
    """Conclude √V(t) <= e^{−rt} √V(0) from V(t) <= e^{−2rt} V(0).

    Parameters
    ----------
    proof : Proof
        Where the bound is a fact.
    value : sympy.Expr
        V, not negative.
    rate : sympy.Expr
        r.
    fact : Fact
        Along(V, t) <= e^{−2rt} Along(V, 0).

    Returns
    -------
    Fact
        The inequality of the roots.
    """
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
    """Conclude lim sup V <= (c + lim sup S) / r from V' <= c + S − r V and 0 < r.

    Parameters
    ----------
    proof : Proof
        Must make the assumption `SOLVED`.
    flow : Flow
        The equation.
    value : sympy.Expr
        V.
    growth : Fact
        V' <= c + S − r V.
    rate : Fact
        0 < r, the same at all states.
    push : sympy.Expr
        S.
    offset : sympy.Expr, optional
        c, the same at all states.
    seen : callable, optional
        `Expectation`, to conclude it of expectations; unless given, of each path.

    Returns
    -------
    Fact
        The inequality between the upper limits.
    """
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
    """Conclude lim sup X <= c lim sup Y from X <= c Y at all states, c >= 0 a constant.

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    smaller, factor, larger : sympy.Expr
        X, c and Y.
    fact : Fact
        X <= c Y.
    seen : callable, optional
        As in `settles`.

    Returns
    -------
    Fact
        The inequality between the upper limits.
    """
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
    """Conclude X <= Y on solutions from X <= Y at all states (or the same with < or =).

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    fact : Fact
        X <= Y.
    time : sympy.Expr
        When.

    Returns
    -------
    Fact
        Along(X, t) <= Along(Y, t).

    Examples
    --------
    >>> import sympy
    >>> x, t = sympy.symbols("x t", real=True)
    >>> proof = Proof([])
    >>> fact = proof.at_most(x**2, 2 * x**2, "twice as much")
    >>> print(on_solutions(proof, fact, t).relation)
    Along(x**2, t) <= Along(2*x**2, t)
    """
    left, right = (Along(side, time) for side in (fact.relation.left, fact.relation.right))
    return proof.take(Relation(left, fact.relation.sign, right), "on every solution", (fact,))
