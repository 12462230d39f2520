"""What holds at all states holds on every solution, at every time."""

from typing import Any

from theory.core.flows import Along
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation

__all__ = ["on_solutions"]


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
