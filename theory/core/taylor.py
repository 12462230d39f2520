"""Taylor's formula: relations under its integral, and the mean Hessian between two points."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.core.cited import MEAN_HESSIAN, OPERATOR_NORM, SPECTRAL
from theory.core.losses import GradientArray
from theory.core.norms import Vector, inner, norm
from theory.proofs.dynamics import PLACES, written
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.indices import spans
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, Sign, at_most
from theory.proofs.signs import is_nonnegative, is_zero
from theory.symbols import PARAMETERS

REAL = sympy.Symbol("h", real=True).assumptions0


def weighted(value: Any, weight: Any, place: Any) -> Any:
    """Return ∫₀¹ w(s) X(s) ds, evaluated if X does not depend on s."""
    if not value.has(place):
        return value * sympy.integrate(sympy.Poly(weight, place).as_expr(), (place, 0, 1))
    return sympy.Integral(weight * value, (place, 0, 1))


@rule
def integrated(proof: Proof, fact: Fact, weight: Any, place: Any) -> Fact:
    """Conclude ∫ w X ds <= ∫ w Y ds over the unit interval from X(s) <= Y(s) at all s."""
    if not spans(place):
        raise ProofError(f"{place} does not take all values between 0 and 1.")
    proof.demand_free(fact, place)
    weight, sides = sympy.sympify(weight), (fact.relation.left, fact.relation.right)
    if not weight.is_polynomial(place):
        raise ProofError(f"a weight must be a polynomial in {place}, not {weight}.")
    away = sympy.Dummy(nonnegative=True)
    # all places in turn but one end: there is no pole at either, so that both integrals are finite
    for inside in (1 / (1 + away), away / (1 + away)):
        if not is_nonnegative(weight.subs(place, inside)):
            raise ProofError(f"{weight} is not known to be non-negative between 0 and 1.")
        proof.defined(*(side.subs(place, inside) for side in sides))
    left, right = (weighted(side, weight, place) for side in sides)
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


@rule
def hessian_form(
    proof: Proof, here: Point, there: Point, other: Vector, most: Fact, least: Fact, eigenvalue: Any
) -> Fact:
    """Conclude w·(α u + β y) <= c ‖u‖ ‖w‖ from −c <= α + β h <= c, y the change of ∇f along u.

    y = H u, H the mean of ∇²f over the segment: a symmetric matrix with eigenvalues between the same
    bounds, so α I + β H has at most the norm c.
    """
    _demand_eigenvalue(proof, eigenvalue, (most, least))
    form, bound = sympy.Poly(most.relation.left, eigenvalue), most.relation.right
    proof.demand(most, at_most(form.as_expr(), bound))
    proof.demand(least, at_most(-bound, form.as_expr()))
    if form.degree() > 1 or bound.has(eigenvalue):
        raise ProofError(f"{most.relation} is no bound on a linear function of {eigenvalue}.")
    for point in (here, there):
        _demand_own_gradient(proof, point)
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


def _demand_eigenvalue(proof: Proof, eigenvalue: Any, bounds: Iterable[Fact]) -> None:
    """Refuse a symbol of which no hypothesis says that it is any eigenvalue of the Hessians."""
    if not (eigenvalue.is_Symbol and eigenvalue.assumptions0 == REAL) or eigenvalue in PARAMETERS:
        raise ProofError(f"{eigenvalue} is one number, not any eigenvalue of the Hessian.")
    names = frozenset[str]().union(*(fact.rests_on for fact in bounds))
    about = [
        one
        for one in map(proof.assumption, names)
        if one.relation and one.relation.contains(eigenvalue)
    ]
    if not about or any(eigenvalue not in one.each for one in about):
        raise ProofError(
            f"no hypothesis says that {eigenvalue} is each eigenvalue of the Hessian; make the bounds "
            f"on it with `each=({eigenvalue},)`."
        )


def _demand_own_gradient(proof: Proof, point: Point) -> None:
    """Refuse what is not declared as a gradient, is one of another agent, or of another place."""
    a = sympy.Dummy("a", integer=True, positive=True)
    place, slope = (sympy.sympify(part(a)) for part in (point.position, point.gradient))
    if slope == 0:
        return  # at a minimizer
    if not (isinstance(slope, sympy.Indexed) and isinstance(slope.base, GradientArray)):
        raise ProofError(
            f"{slope} is not known to be a gradient; declare the array as a `GradientArray`."
        )
    if isinstance(place, sympy.Indexed):
        one, other = place.indices[:-1], slope.indices[:-1]
        if one and other and one != other:
            raise ProofError(f"{slope} is not the gradient at {place}.")
        if one and other:
            place, slope = (
                place.base[PLACES[: len(place.indices)]],
                slope.base[PLACES[: len(slope.indices)]],
            )
    for one in proof.assumptions:
        if one.relation is not None and one.relation.contains(slope.base):
            raise ProofError(
                f'"{one.name}" is another hypothesis on {slope.base} than one on the Hessians.'
            )
    where = written("gradient", filter(_is_name, slope.indices), place)
    before = proof.meanings.setdefault(slope.base, where.parts[0])
    if not is_zero(before - where.parts[0]):
        raise ProofError(f"{slope.base} is taken at {where.parts[0]}, and was at {before} before.")


def _is_name(index: Any) -> bool:
    return bool(index.is_Symbol)
