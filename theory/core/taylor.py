"""Taylor's formula: relations under its integral, and the mean Hessian between two points."""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import MEAN_HESSIAN, OPERATOR_NORM, SPECTRAL
from theory.core.norms import Vector, inner, norm
from theory.proofs.domains import spans
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, Sign, at_most
from theory.proofs.signs import is_nonnegative
from theory.symbols import PARAMETERS


def weighted(value: Any, weight: Any, place: Any) -> Any:
    """Return ∫₀¹ w(s) X(s) ds, evaluated if X does not depend on s."""
    if not value.has(place):
        return value * sympy.integrate(sympy.Poly(weight, place).as_expr(), (place, 0, 1))
    return sympy.Integral(weight * value, (place, 0, 1))


def integrated(proof: Proof, fact: Fact, weight: Any, place: Any) -> Fact:
    """Conclude ∫ w X ds <= ∫ w Y ds over the unit interval from X(s) <= Y(s) at all s."""
    if not spans(place):
        raise ProofError(f"{place} does not take all values between 0 and 1.")
    proof.demand_free(fact, place)
    inside = 1 / (1 + sympy.Dummy(nonnegative=True))
    if not is_nonnegative(weight.subs(place, inside)):
        raise ProofError(f"{weight} is not known to be non-negative between 0 and 1.")
    left, right = (
        weighted(side, weight, place) for side in (fact.relation.left, fact.relation.right)
    )
    sign: Sign = "=" if fact.relation.sign == "=" else "<="
    return proof.take(Relation(left, sign, right), "under the integral", (fact,))


@dataclasses.dataclass(frozen=True)
class Point:
    """A point and the gradient of f there, coordinate by coordinate."""

    position: Callable[[Any], Any]
    gradient: Callable[[Any], Any]


def difference(one: Vector, other: Vector) -> Vector:
    """Return u − w."""
    return lambda a: one(a) - other(a)


def hessian_form(
    proof: Proof, here: Point, there: Point, other: Vector, most: Fact, least: Fact, eigenvalue: Any
) -> Fact:
    """Conclude w·(α u + β y) <= c ‖u‖ ‖w‖ from −c <= α + β h <= c, y the change of ∇f along u.

    y = H u, H the mean of ∇²f over the segment: a symmetric matrix with eigenvalues between the same
    bounds, so α I + β H has at most the norm c.
    """
    if eigenvalue in PARAMETERS:
        raise ProofError(f"{eigenvalue} is one number, not any eigenvalue of the Hessian.")
    form, bound = sympy.Poly(most.relation.left, eigenvalue), most.relation.right
    proof.demand(most, at_most(form.as_expr(), bound))
    proof.demand(least, at_most(-bound, form.as_expr()))
    if form.degree() > 1 or bound.has(eigenvalue):
        raise ProofError(f"{most.relation} is no bound on a linear function of {eigenvalue}.")
    for point in (here, there):
        _demand_own_gradient(point)
    step = difference(here.position, there.position)
    change = difference(here.gradient, there.gradient)
    fixed, slope = form.coeff_monomial(1), form.coeff_monomial(eigenvalue)
    product = fixed * inner(other, step) + slope * inner(other, change)
    return proof.take(
        at_most(product, bound * norm(step) * norm(other)),
        "the mean Hessian has eigenvalues between the same bounds",
        (most, least),
        cited=(MEAN_HESSIAN, SPECTRAL, OPERATOR_NORM),
    )


def _demand_own_gradient(point: Point) -> None:
    """Refuse the gradient of one agent at the position of another."""
    a = sympy.Dummy("a", integer=True, positive=True)
    place, slope = (sympy.sympify(part(a)) for part in (point.position, point.gradient))
    if isinstance(place, sympy.Indexed) and isinstance(slope, sympy.Indexed):
        one, other = place.indices[:-1], slope.indices[:-1]
        if one and other and one != other:
            raise ProofError(f"{slope} is not the gradient at {place}.")
