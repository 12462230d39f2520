"""Taylor's formula: relations under its integral, and the mean Hessian between two points."""

from collections.abc import Iterable
from typing import Any

import sympy

from theory.core.cited import MEAN_HESSIAN, OPERATOR_NORM, SPECTRAL
from theory.core.gradients import ZERO, Minimizer, Point, law_of
from theory.core.norms import Vector, inner, norm
from theory.proofs.dynamics import Dynamics
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.indices import spans
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, Sign, at_most
from theory.proofs.signs import is_nonnegative
from theory.proofs.sums import called_once
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
    here, there = (
        Point(called_once(point.position), called_once(point.gradient)) for point in (here, there)
    )
    other = called_once(other)
    laws = law_of((here, there))
    _demand_only_these(proof, laws)
    step = difference(here.position, there.position)
    change = difference(here.gradient, there.gradient)
    fixed, slope = form.coeff_monomial(1), form.coeff_monomial(eigenvalue)
    product = fixed * inner(other, step) + slope * inner(other, change)
    return proof.take(
        at_most(product, bound * norm(step) * norm(other)),
        "the mean Hessian has eigenvalues between the same bounds",
        (most, least),
        cited=(MEAN_HESSIAN, SPECTRAL, OPERATOR_NORM),
        required=_minimizer(proof, laws),
        dynamics=laws,
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


def _demand_only_these(proof: Proof, laws: Dynamics) -> None:
    """Refuse gradients of which there is another hypothesis, or that are of another place."""
    for array, law in laws.items():
        for one in proof.assumptions:
            if one.relation is not None and one.relation.contains(array):
                raise ProofError(
                    f'"{one.name}" is another hypothesis on {array} than one on the Hessians.'
                )
        before = proof.meanings.setdefault(array, law)
        if not before.same(law):
            raise ProofError(
                f"{array} is taken at {law.parts[0]}, and was at {before.parts[0]} before."
            )


def _minimizer(proof: Proof, laws: Dynamics) -> list[Assumption]:
    """Return the hypothesis that names the minimizer, where the gradient there is used."""
    if ZERO not in laws:
        return []
    (base,) = laws[ZERO].parts[0].atoms(sympy.IndexedBase)
    named = [one for one in proof.assumptions if isinstance(one, Minimizer)]
    if [(one.array, one.relation) for one in named] != [(base, None)]:
        raise ProofError(
            f"the proof needs the assumption that {base} is the minimizer, and no other one; make it "
            "with `Minimizer`."
        )
    return [*named]
