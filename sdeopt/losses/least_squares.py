"""Linear least squares on the user's data, with the true minibatch noise."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array
from sdeopt.kernels.compilation import compiled
from sdeopt.losses import quadratic
from sdeopt.losses.finite_sum import FiniteSum, minibatch_gradient_of, value_of
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw

SINGULAR = 1e-12


@compiled
def example_loss(prediction: float, target: float) -> float:
    """Return half the squared residual."""
    return 0.5 * (prediction - target) * (prediction - target)


@compiled
def example_slope(prediction: float, target: float) -> float:
    """Return the residual."""
    return prediction - target


value = value_of(example_loss)
minibatch_gradient = minibatch_gradient_of(example_slope)


@compiled
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write H x − g: the data enter the full gradient through dim² numbers only."""
    quadratic.gradient(x, (parameters[3], parameters[4]), out)


class LeastSquares(FiniteSum):
    """f(w) = (1/2N) Σ_i (a_iᵀw − y_i)² + (μ/2) ‖w‖².

    Parameters
    ----------
    features : array_like, shape (N, dim)
        The examples a_i, one a row; add a column of ones for an intercept.
    targets : array_like, shape (N,)
        y_i.
    regularization : float
        μ ≥ 0.

    Notes
    -----
    The Hessian H = AᵀA/N + μI is constant: l and L are its extreme eigenvalues, exact, and Q = 0.
    Where H is singular there is no l and λ̄ = 0. The covariance of the minibatch gradient is not
    bounded over w, as the theorems of Boffi & Slotine (2020) ask; see equation (1) there and
    Adilova et al. (2018), Lemma 1, for the linear model.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.LeastSquares([[1.0, 0.0], [1.0, 2.0]], [1.0, 3.0])
    >>> loss.gradient([1.0, 1.0])
    array([0., 0.])
    >>> loss.examples
    2
    """

    name = "LeastSquares"

    def __init__(
        self, features: ArrayLike, targets: ArrayLike, regularization: float = 0.0
    ) -> None:
        super().__init__(features, targets, regularization)
        self.hessian = self.features.T @ self.features / self.examples
        self.hessian += self.regularization * np.eye(self.dim)
        self.eigenvalues = np.linalg.eigvalsh(self.hessian)
        self.singular = bool(self.eigenvalues[0] <= SINGULAR * self.eigenvalues[-1])

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def gradient_work(self) -> int:
        """The rows of H: the full gradient does not pass over the examples."""
        return self.dim

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The features, the targets, μ, then H and g = Aᵀy/N."""
        correlation = self.features.T @ self.targets / self.examples
        return *super().parameters, self.hessian, correlation

    @property
    def constants(self) -> LossConstants:
        """All four, exact."""
        least = 0.0 if self.singular else float(self.eigenvalues[0])
        return LossConstants(
            None if self.singular else least, float(self.eigenvalues[-1]), -least, 0.0
        )

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the quadratic ½ wᵀHw − gᵀw + (1/2N) ‖y‖²."""
        import sympy

        w = sympy.symbols(f"w1:{self.dim + 1}", real=True)
        column, correlation = sympy.Matrix(w), self.parameters[4]
        form = (column.T * sympy.Matrix(self.hessian.tolist()) * column)[0, 0]
        linear = [g * y for g, y in zip(correlation.tolist(), w, strict=True)]
        constant = float(self.targets @ self.targets) / (2 * self.examples)
        return form / 2 - sympy.Add(*linear) + constant, w

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
        """Return the smoothed loss: the `Quadratic` with the same Hessian, unless H is singular."""
        if self.singular:
            return super().convolved(noise, scale)
        minimum = np.linalg.solve(self.hessian, self.parameters[4])
        least = float(self.value(minimum))
        return quadratic.Quadratic(self.hessian, minimum, least).convolved(noise, scale)
