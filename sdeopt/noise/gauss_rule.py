"""Gauss quadrature of a law from the recurrence of its orthogonal polynomials."""

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal

from sdeopt.arguments import whole_number
from sdeopt.noise.law import Array

MOST_NODES = 1000
"""Of a rule for one coordinate: it takes a second, and all rules are finite up to there."""


def node_count(points: object) -> int:
    """Return a number of nodes, or raise an error that says what it can be."""
    return whole_number(points, "points of a quadrature rule", 1, MOST_NODES)


def gauss_rule(centres: Array, squares: Array) -> tuple[Array, Array]:
    """Return nodes and weights of the law whose orthonormal polynomials follow a recurrence.

    x p_k = √squares_{k+1} p_{k+1} + centres_k p_k + √squares_k p_{k−1}, where squares[0] is squares_1.

    The nodes are eigenvalues (Golub & Welsch 1969); weights are 1/Σ p_k², which keeps the digits of the
    smallest ones, where the squares of eigenvectors lose them.
    """
    off = np.sqrt(squares)
    nodes = np.asarray(eigvalsh_tridiagonal(centres, off), dtype=np.float64)
    before, polynomial, total = np.zeros_like(nodes), np.ones_like(nodes), np.ones_like(nodes)
    logarithms = np.zeros_like(nodes)
    for k, here in enumerate(off):
        rest = off[k - 1] * before if k else 0.0
        following = ((nodes - centres[k]) * polynomial - rest) / here
        # far out the polynomials would overflow
        size = np.maximum(np.abs(following), 1.0)
        before, polynomial = polynomial / size, following / size
        total = total / size**2 + polynomial**2
        logarithms += np.log(size)
    weights: Array = np.exp(-2.0 * logarithms) / total
    return nodes, weights / weights.sum()
