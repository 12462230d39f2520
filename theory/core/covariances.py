"""Covariances of random variables that are given as functions of others."""

from theory.core.equalities import combined, multiplied
from theory.core.random_arrays import averaged, covariance
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof

__all__ = ["covaried"]


def covaried(proof: Proof, one: Fact, other: Fact) -> Fact:
    """Conclude Cov(u, v) = E[U V] − E[U] E[V] from u = U and v = V, sums and constants pulled out.

    Parameters
    ----------
    proof : Proof
        Where both are facts.
    one, other : Fact
        u = U and v = V, each with an entry of a `RandomArray` on its left side.

    Returns
    -------
    Fact
        The covariance.

    Examples
    --------
    >>> import sympy
    >>> from theory.core.induction import defined
    >>> from theory.core.random_arrays import RandomArray
    >>> u, v = RandomArray("u", real=True), RandomArray("v", real=True)
    >>> a = sympy.Symbol("a", integer=True, positive=True)
    >>> proof = Proof([])
    >>> fact = defined(proof, u[a], 3 * v[a])
    >>> print(covaried(proof, fact, fact).relation.right)
    -9*Expectation(v[a])**2 + 9*Expectation(v[a]**2)
    """
    square = averaged(proof, multiplied(proof, one, other, "their product"), "its mean")
    means = averaged(proof, one, "the mean"), averaged(proof, other, "the mean of the other")
    product = multiplied(proof, *means, words="product of the means")
    left = covariance(one.relation.left, other.relation.left)
    right = square.relation.right - product.relation.right
    return combined(proof, left, right, {square: 1, product: -1}, "the covariance")
