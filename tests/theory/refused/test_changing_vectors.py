"""A vector that gives other entries each time it is called: rules take those of the first call."""

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import pytest
import sympy

from theory.core.gradients import Point
from theory.core.losses import FIXED_LAW, SMOOTH, GradientArray, smoothed_gradient
from theory.core.norms import Vector, cauchy_schwarz, joint_triangle, squares, triangle
from theory.core.random_arrays import RandomArray
from theory.core.taylor import hessian_form
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.symbols import dimension

h = sympy.Symbol("h", real=True)
u, v, w, x = (sympy.IndexedBase(letter, real=True) for letter in "uvwx")
g = GradientArray("g", real=True)
noise = RandomArray("zeta", real=True)
BOUNDS = (
    Assumption("above", "", at_most(h, 1), each=(h,)),
    Assumption("below", "", at_most(-1, h), each=(h,)),
)


def changing(vector: Vector) -> Vector:
    """Return the vector at the first call, and its opposite, twice as long, from then on."""
    factors = chain([1], repeat(-2))
    return lambda a: next(factors) * vector(a)


def kept(vector: Vector) -> Vector:
    return vector


Kind = Callable[[Vector], Vector]


def _hessian(kind: Kind) -> Fact:
    proof = Proof(BOUNDS)
    here = Point(kind(lambda a: x[1, a]), lambda a: g[1, a])
    there = Point(lambda a: x[2, a], lambda a: g[2, a])
    bounds = proof.assume("above"), proof.assume("below")
    return hessian_form(proof, here, there, kind(lambda a: u[a]), *bounds, h)


RULES: dict[str, Callable[[Kind], Fact]] = {
    "Cauchy and Schwarz": lambda kind: cauchy_schwarz(
        Proof([]), kind(lambda a: u[a]), kind(lambda a: w[a])
    ),
    "the triangle": lambda kind: triangle(Proof([]), kind(lambda a: u[a]), kind(lambda a: w[a])),
    "a joint triangle": lambda kind: joint_triangle(
        Proof([]), [kind(lambda a: u[a]), lambda a: v[a]], [lambda a: w[a], kind(lambda a: x[1, a])]
    ),
    "a mean Hessian": _hessian,
    "a smoothed gradient": lambda kind: smoothed_gradient(
        Proof([SMOOTH, FIXED_LAW]), u, kind(lambda a: noise[a]), sympy.Integer(1)
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_its_first_entries_are_taken(rule: Callable[[Kind], Fact]) -> None:
    assert rule(changing).relation == rule(kept).relation


def test_a_length_is_of_one_vector() -> None:
    """The sum of u_a · (−2 u_a) is no square, and its root no length."""
    entries: Any = squares(changing(lambda a: u[a])).subs(dimension, 1).doit()
    assert entries == u[1] ** 2
