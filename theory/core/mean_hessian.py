"""The Hessian between two points: what bounds on its eigenvalues say of differences of gradients."""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import MEAN_HESSIAN, OPERATOR_NORM, SPECTRAL
from theory.core.inner_products import Vector, inner
from theory.core.norms import norm
from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most

__all__ = ["Point", "difference", "hessian_form"]


@dataclasses.dataclass(frozen=True)
class Point:
    """A point and the gradient of f there, coordinate by coordinate.

    Parameters
    ----------
    position, gradient : callable
        a to x_a and to ∂_a f(x).
    """

    position: Callable[[Any], Any]
    gradient: Callable[[Any], Any]


def difference(one: Vector, other: Vector) -> Vector:
    """Return u − w.

    Parameters
    ----------
    one, other : callable
        u and w, coordinate by coordinate.

    Returns
    -------
    callable
        Their difference, coordinate by coordinate.
    """
    return lambda a: one(a) - other(a)


def hessian_form(
    proof: Proof, here: Point, there: Point, other: Vector, most: Fact, least: Fact, eigenvalue: Any
) -> Fact:
    """Conclude w·(α u + β y) <= c ‖u‖ ‖w‖ from −c <= α + β h <= c, y the change of ∇f along u.

    y = H u, H the mean of ∇²f over the segment: a symmetric matrix with eigenvalues between the same
    bounds, so α I + β H has at most the norm c.

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    here, there : Point
        The ends of the segment: u is the difference of their positions, y that of the gradients.
    other : callable
        w, coordinate by coordinate.
    most, least : Fact
        α + β h <= c and −c <= α + β h, for every eigenvalue h of ∇²f at any point.
    eigenvalue : sympy.Symbol
        h.

    Returns
    -------
    Fact
        The inequality.
    """
    form, bound = sympy.Poly(most.relation.left, eigenvalue), most.relation.right
    proof.demand(most, at_most(form.as_expr(), bound))
    proof.demand(least, at_most(-bound, form.as_expr()))
    if form.degree() > 1 or bound.has(eigenvalue):
        raise ProofError(f"{most.relation} is no bound on a linear function of {eigenvalue}.")
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
