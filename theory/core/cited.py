"""The facts of analysis that the proofs lean on; `sdeopt verify` prints those of each result."""

from theory.proofs.assumption import Cited

__all__ = ["COMPARISON", "DYNKIN", "JENSEN", "MEAN_VALUE", "MINKOWSKI", "OPERATOR_NORM", "SPECTRAL"]

DYNKIN = Cited(
    "Dynkin's formula",
    "for a solution with finite second moments and V of quadratic growth, "
    "d/dt E V(x_t) = E (LV)(x_t), with L the generator",
    "Øksendal, Stochastic Differential Equations, Thm 7.4.1",
)
COMPARISON = Cited(
    "comparison lemma",
    "v' <= F(v) and w' = F(w) with v(0) <= w(0) give v <= w at all later times",
    "Khalil, Nonlinear Systems, Lemma 3.4",
)
MEAN_VALUE = Cited(
    "mean value theorem along a segment",
    "u·(∇f(x + u) − ∇f(x)) is the mean of uᵀ∇²f u over the segment from x to x + u",
    "Rudin, Principles of Mathematical Analysis, Thm 9.19",
)
SPECTRAL = Cited(
    "spectral theorem",
    "a symmetric matrix has an orthonormal basis of eigenvectors, so blocks that are functions of "
    "one symmetric matrix split into blocks of numbers, one for each eigenvalue",
    "Horn and Johnson, Matrix Analysis, Thm 2.5.6",
)
JENSEN = Cited(
    "Jensen's inequality",
    "(E √V)² <= E V for V >= 0",
    "Rudin, Real and Complex Analysis, Thm 3.3",
)
MINKOWSKI = Cited(
    "triangle inequality",
    "‖u + v‖ <= ‖u‖ + ‖v‖ in the Euclidean norm",
    "Rudin, Principles of Mathematical Analysis, Thm 1.37",
)
OPERATOR_NORM = Cited(
    "operator norm", "uᵀGw <= ‖G‖ ‖u‖ ‖w‖", "Horn and Johnson, Matrix Analysis, Thm 5.6.2"
)
