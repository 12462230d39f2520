"""Logistic regression on the user's data, with the true minibatch noise."""

import math as exact
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sdeopt import math
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled
from sdeopt.losses.convolution import convolved_by_quadrature
from sdeopt.losses.finite_sum import FiniteSum, gradient_of, minibatch_gradient_of, value_of
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw


@compiled
def example_loss(prediction: float, label: float) -> float:
    """Return log(1 + exp(−y z)), without overflow."""
    margin = label * prediction
    return max(-margin, 0.0) + math.log(1.0 + math.exp(-abs(margin)))


@compiled
def example_slope(prediction: float, label: float) -> float:
    """Return −y σ(−y z)."""
    return -label / (1.0 + math.exp(label * prediction))


value = value_of(example_loss)
gradient = gradient_of(example_slope)
minibatch_gradient = minibatch_gradient_of(example_slope)


class LogisticRegression(FiniteSum):
    """f(w) = (1/N) Σ_i log(1 + exp(−y_i a_iᵀw)) + (μ/2) ‖w‖².

    Parameters
    ----------
    features : array_like, shape (N, dim)
        The examples a_i, one a row; add a column of ones for an intercept.
    labels : array_like, shape (N,)
        y_i, all of them −1 or 1 (or all 0 or 1, where 0 stands for −1).
    regularization : float
        μ ≥ 0.

    Notes
    -----
    The Hessian is (1/N) Σ s_i a_i a_iᵀ + μI with s_i = σ(z_i)(1 − σ(z_i)) at most 1/4, all equal to
    1/4 at w = 0: L = λ_max(AᵀA)/(4N) + μ is exact. s_i falls to 0 far out along any w orthogonal to
    none of the examples, so the infimum l = μ is exact too, for μ > 0, and λ̄ = −μ. For μ = 0,
    λ̄ = 0 and there is no l. The Hessian of component k of ∇f is (1/N) Σ σ''(z_i) a_ik a_i a_iᵀ
    up to signs, and |σ''| ≤ 1/(6√3): Q = max_k λ_max((1/N) Σ |a_ik| a_i a_iᵀ)/(6√3) is a bound.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.LogisticRegression([[1.0], [-2.0]], [1, -1], regularization=0.1)
    >>> loss.gradient([0.0])
    array([-0.75])
    >>> loss.constants.smoothness
    0.725
    """

    name = "LogisticRegression"
    settings = ("features", "labels", "regularization")

    def __init__(self, features: ArrayLike, labels: ArrayLike, regularization: float = 0.0) -> None:
        super().__init__(features, labels, regularization)
        given = np.unique(self.targets).tolist()
        if not (set(given) <= {-1.0, 1.0} or set(given) <= {0.0, 1.0}):
            raise InvalidArgumentError(
                f"labels holds {given[:4]}, but must hold −1 and 1 only, or 0 and 1 only."
            )
        self.targets[self.targets == 0.0] = -1.0
        self.labels = self.targets

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def constants(self) -> LossConstants:
        """l, L and λ̄ exact; Q a bound."""
        gram = self.features.T @ self.features / self.examples
        moments = [
            self.features.T @ (np.abs(column)[:, None] * self.features) / self.examples
            for column in self.features.T
        ]
        largest = max(float(np.linalg.eigvalsh(moment)[-1]) for moment in moments)
        return LossConstants(
            strong_convexity=self.regularization if self.regularization > 0.0 else None,
            smoothness=float(np.linalg.eigvalsh(gram)[-1]) / 4.0 + self.regularization,
            negative_curvature=-self.regularization,
            gradient_curvature=largest / (6.0 * exact.sqrt(3.0)),
        )

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the sum over the examples; slow for many of them."""
        import sympy

        w = sympy.symbols(f"w1:{self.dim + 1}", real=True)
        margins = [
            sympy.Add(*[a * y for a, y in zip(row, w, strict=True)])
            for row in (self.labels[:, None] * self.features).tolist()
        ]
        losses = [sympy.log(1 + sympy.exp(-margin)) for margin in margins]
        penalty = self.regularization * sympy.Add(*[y**2 for y in w]) / 2
        return sympy.Add(*losses) / self.examples + penalty, w

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
        """Return the smoothed loss by quadrature: there is no closed form."""
        return convolved_by_quadrature(self, noise, scale)
