"""From bounds on every component of a vector to its length."""

from typing import Any

import sympy

from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.symbols import dimension

__all__ = ["length_at_most"]


def length_at_most(proof: Proof, most: Fact, least: Fact, index: Any) -> Fact:
    """Conclude ‖u‖ <= √n c from −c <= u_a <= c for every component.

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    most : Fact
        u_a <= c, with a free in u alone.
    least : Fact
        −c <= u_a.
    index : sympy.Symbol
        a.

    Returns
    -------
    Fact
        The bound on the length.
    """
    component, level = most.relation.left, most.relation.right
    proof.demand(most, at_most(component, level))
    proof.demand(least, at_most(-level, component))
    if index in proof.fixed:
        raise ProofError(f"{index} has one value throughout this proof.")
    if index in level.free_symbols:
        raise ProofError(f"{level} must be the same for every {index}.")
    u, c = sympy.symbols("u c", real=True)
    proof.equal((c - u) * (c + u), c**2 - u**2, "two factors that are not negative: u² <= c²")
    length = sympy.sqrt(sympy.Sum(component**2, (index, 1, dimension)))
    return proof.take(at_most(length, sympy.sqrt(dimension) * level), "n components", (most, least))
