"""Two quantities in a loop, one of them a low-pass filter of the other: neither is amplified.

The filter of x• is the quorum variable x~ of EASGD. The coupling to it enters the equation of x• with
the same gain as the damping of x• by the loop, so both have the rate of x• alone.
"""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import COMPARISON, DYNKIN
from theory.core.expectation import (
    Average,
    Expectation,
    UpperLimit,
    demand_always,
    demand_average,
    positive_rate,
)
from theory.core.flows import SOLVED, Flow
from theory.core.moments import REGULAR, Generated, demand_second_degree
from theory.proofs.domains import demand_constant
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most
from theory.proofs.signs import is_nonnegative


@rule
def filtered_moments(
    proof: Proof,
    model: Generated,
    values: tuple[Any, Any],
    growths: tuple[Fact, Fact],
    signs: tuple[Fact, Fact],
    gain: Any,
    source: Any,
) -> tuple[Fact, Fact, Fact]:
    """Conclude lim sup E V <= s / r from LV <= s − (r + k) V + k W and LW <= c (V − W)."""
    _test(proof, model.generator, values, growths, signs, gain, sympy.S.Zero, (source, 0))
    limit = source / signs[0].relation.right
    demand_second_degree(model, *values)
    rule = {
        "cited": (DYNKIN, COMPARISON),
        "required": (REGULAR,),
        "dynamics": model.dynamics(),
    }
    return _limits(proof, values, (limit, limit), (*growths, *signs), Expectation, rule)


@rule
def filtered_flow(
    proof: Proof,
    flow: Flow,
    values: tuple[Any, Any],
    growths: tuple[Fact, Fact],
    signs: tuple[Fact, Fact],
    gain: Any,
    disturbance: Any,
    *,
    offsets: tuple[Any, Any] = (sympy.S.Zero, sympy.S.Zero),
    average: Average = Expectation,
) -> tuple[Fact, Fact, Fact]:
    """Conclude lim sup E V <= (d + lim sup E S) / r from V' <= a + S − (r + k) V + k W and a filter W.

    For the filter W' <= b + c (V − W); d = a + k b / c, and lim sup E W is at most b / c more.
    """
    demand_average(average)
    _test(proof, flow.derivative, values, growths, signs, gain, disturbance, offsets)
    rate, speed = (sign.relation.right for sign in signs)
    more = offsets[1] / speed
    limit = (offsets[0] + gain * more + UpperLimit(average(disturbance))) / rate
    rule = {"cited": (COMPARISON,), "required": (SOLVED,), "dynamics": flow.dynamics()}
    return _limits(proof, values, (limit, limit + more), (*growths, *signs), average, rule)


def _limits(
    proof: Proof,
    values: tuple[Any, Any],
    bounds: tuple[Any, Any],
    premises: tuple[Fact, ...],
    average: Average,
    rule: dict[str, Any],
) -> tuple[Fact, Fact, Fact]:
    words = "the filter stays below what it filters, so the loop amplifies neither"
    own, follower, both = (
        proof.take(at_most(UpperLimit(average(value)), bound), words, premises, **rule)
        for value, bound in (*zip(values, bounds, strict=True), (sum(values), sum(bounds)))
    )
    return own, follower, both


def _test(
    proof: Proof,
    derivative: Callable[[Any], Any],
    values: tuple[Any, Any],
    growths: tuple[Fact, Fact],
    signs: tuple[Fact, Fact],
    gain: Any,
    disturbance: Any,
    offsets: tuple[Any, Any],
) -> None:
    """Check all premises, and the two steps from the inequalities to the limits."""
    (value, follower), (rate, speed) = values, (positive_rate(proof, sign) for sign in signs)
    demand_constant(gain, *offsets)
    bound = offsets[0] + disturbance - (rate + gain) * value + gain * follower
    proof.demand(growths[0], at_most(derivative(value), bound))
    proof.demand(growths[1], at_most(derivative(follower), offsets[1] + speed * (value - follower)))
    demand_always(proof, *growths)
    if not all(map(is_nonnegative, (*values, gain))):
        raise ProofError(f"{value}, {follower} and {gain} must be non-negative.")
    _check_the_limits(proof)


def _check_the_limits(proof: Proof) -> None:
    """Check in symbols that both are bounded, and what then follows for their upper limits.

    V + βW shrinks with the rate r/2 or with r/(2β), so both stay bounded. By comparison with linear
    equations lim sup W <= lim sup V + b/c and (r + k) lim sup V <= a + S + k lim sup W; with S the
    largest disturbance to come.
    """
    r, c, v = sympy.symbols("r c v", positive=True)
    k, a, b, s = sympy.symbols("k a b s", nonnegative=True)
    weight = (k + r / 2) / c
    proof.equal(weight * c - (r + k), -r / 2, "V in the derivative of V + βW")
    proof.equal(k - weight * c, -r / 2, "W in the derivative of V + βW")
    proof.equal(
        (r + k) * v - (a + s + k * (v + b / c)),
        r * (v - (a + s + k * b / c) / r),
        "the limits put into each other",
    )
