"""Two quantities in a loop, one of which is a low-pass filter of the other: neither is amplified.

The filter of x• is the quorum variable x~ of EASGD. It pulls x• as strongly as x• is held back for its
sake, so that the loop leaves to both the rate that the first has alone.
"""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import COMPARISON, DYNKIN
from theory.core.expectation import Expectation, UpperLimit, is_random
from theory.core.flows import SOLVED, Flow
from theory.core.moments import REGULAR, Generated
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, less
from theory.proofs.signs import is_nonnegative


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
    _tested(proof, model.generator, values, growths, signs, gain, sympy.S.Zero, (source, 0))
    limit = source / signs[0].relation.right
    rule = {"cited": (DYNKIN, COMPARISON), "required": (REGULAR,)}
    return _limits(proof, values, (limit, limit), (*growths, *signs), Expectation, rule)


def filtered_flow(
    proof: Proof,
    flow: Flow,
    values: tuple[Any, Any],
    growths: tuple[Fact, Fact],
    signs: tuple[Fact, Fact],
    gain: Any,
    push: Any,
    *,
    offsets: tuple[Any, Any] = (sympy.S.Zero, sympy.S.Zero),
    seen: Callable[[Any], Any] = Expectation,
) -> tuple[Fact, Fact, Fact]:
    """Conclude lim sup E V <= (d + lim sup E S) / r from V' <= a + S − (r + k) V + k W and a filter W.

    For the filter W' <= b + c (V − W); d = a + k b / c, and lim sup E W is at most b / c more.
    """
    _tested(proof, flow.derivative, values, growths, signs, gain, push, offsets)
    rate, speed = (sign.relation.right for sign in signs)
    more = offsets[1] / speed
    limit = (offsets[0] + gain * more + UpperLimit(seen(push))) / rate
    rule = {"cited": (COMPARISON,), "required": (SOLVED,)}
    return _limits(proof, values, (limit, limit + more), (*growths, *signs), seen, rule)


def _limits(
    proof: Proof,
    values: tuple[Any, Any],
    bounds: tuple[Any, Any],
    premises: tuple[Fact, ...],
    seen: Callable[[Any], Any],
    rule: dict[str, Any],
) -> tuple[Fact, Fact, Fact]:
    words = "the filter stays below what it follows, and gives back what it takes"
    own, follower, both = (
        proof.take(at_most(UpperLimit(seen(value)), bound), words, premises, **rule)
        for value, bound in (*zip(values, bounds, strict=True), (sum(values), sum(bounds)))
    )
    return own, follower, both


def _tested(
    proof: Proof,
    derivative: Callable[[Any], Any],
    values: tuple[Any, Any],
    growths: tuple[Fact, Fact],
    signs: tuple[Fact, Fact],
    gain: Any,
    push: Any,
    offsets: tuple[Any, Any],
) -> None:
    """Test all premises, and the two steps from the inequalities to the limits."""
    (value, follower), (rate, speed) = values, (sign.relation.right for sign in signs)
    for sign in signs:
        proof.demand(sign, less(0, sign.relation.right))
    pulled = offsets[0] + push - (rate + gain) * value + gain * follower
    proof.demand(growths[0], at_most(derivative(value), pulled))
    proof.demand(growths[1], at_most(derivative(follower), offsets[1] + speed * (value - follower)))
    if any(map(is_random, (rate, speed, gain, *offsets))):
        raise ProofError("rates, gain and offsets must be the same at all states.")
    if not all(map(is_nonnegative, (*values, gain))):
        raise ProofError(f"the signs of {value}, {follower} and {gain} are not plain.")
    _argument(proof)


def _argument(proof: Proof) -> None:
    """Check the argument in letters: both are bounded, so their upper limits obey what follows.

    V + βW shrinks with the rate r/2 or with r/(2β), so both stay bounded. By comparison with linear
    equations lim sup W <= lim sup V + b/c and (r + k) lim sup V <= a + S + k lim sup W; with S the
    largest push to come.
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
