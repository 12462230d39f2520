"""A flow that contracts and is pushed: how far from its resting point the push holds it, in a metric.

Followed is √(V + δ²), V the squared distance in the metric: it is smooth where √V is not; in the
end δ tends to 0.
"""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import Flow, ordered_limits, settles
from theory.core.inequalities import arbitrarily_small, roots, without_small
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less


def held_off(
    proof: Proof,
    flow: Flow,
    value: Any,
    growth: Fact,
    rate: Fact,
    push: Any,
    *,
    seen: Callable[[Any], Any] = Expectation,
) -> Fact:
    """Conclude lim sup E √V <= lim sup E S / r from V' <= 2 √V S − 2 r V."""
    speed = rate.relation.right
    proof.demand(rate, less(0, speed))
    length = sympy.sqrt(value)
    proof.demand(growth, at_most(flow.derivative(value), 2 * length * push - 2 * speed * value))
    small = arbitrarily_small()
    smooth = sympy.sqrt(value + small**2)
    longer = roots(proof, proof.at_most(value, smooth**2, "δ² more"), "δ more")
    above_small = roots(proof, proof.at_most(small**2, smooth**2, "V more"), "√V more")
    slower = proof.product(rate, above_small, "times the rate")
    smoothly = proof.at_most(
        flow.derivative(smooth),
        speed * small + push - speed * smooth,
        "contraction pulls, the push adds its length at most",
        using={
            growth: 1 / (2 * smooth),
            longer: push / smooth,
            slower: small / smooth,
        },
        certificate=0,
    )
    near = ordered_limits(proof, length, sympy.S.One, smooth, longer, seen=seen)
    stays = settles(proof, flow, smooth, smoothly, rate, push, offset=speed * small, seen=seen)
    bound = proof.at_most(
        near.relation.left,
        UpperLimit(seen(push)) / speed + small,
        "to within δ",
        using={near: 1, stays: 1},
    )
    return without_small(proof, bound, small)
