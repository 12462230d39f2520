"""The curved valley of Rosenbrock (1960), in any number of coordinates."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sdeopt.arguments import Array, finite_number, vector, whole_number
from sdeopt.kernels.compilation import compiled, compiled_into_loops
from sdeopt.kernels.intrinsics import fma
from sdeopt.losses.loss import Loss

if TYPE_CHECKING:
    import sympy


@compiled_into_loops
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write ∇f for every lane, one link between neighbours after the other."""
    steepness, target = parameters[0][0], parameters[0][1]
    out[:] = 0.0
    for d in range(x.shape[0] - 1):
        for lane in range(x.shape[1]):
            position = x[d, lane]
            height = fma(-position, position, x[d + 1, lane])
            slope = 2.0 * steepness * height
            out[d, lane] += fma(-2.0 * position, slope, 2.0 * (position - target))
            out[d + 1, lane] = slope


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write f for every lane."""
    steepness, target = parameters[0][0], parameters[0][1]
    out[:] = 0.0
    for d in range(x.shape[0] - 1):
        for lane in range(x.shape[1]):
            position = x[d, lane]
            height, away = fma(-position, position, x[d + 1, lane]), target - position
            out[lane] += fma(steepness * height, height, away * away)


class Rosenbrock(Loss):
    """f(x) = Σ_j [b (x_{j+1} − x_j²)² + (a − x_j)²], j = 1 .. dim − 1.

    Parameters
    ----------
    dim : int
        The number of coordinates, at least 2.
    steepness : float
        b > 0, the steepness of the valley's walls.
    target : float
        a: in two coordinates the minimum lies at (a, a²).

    Notes
    -----
    H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function",
    The Computer Journal 3 (1960); the chain over more coordinates is the usual extension. None of
    l, L, λ̄ and Q exists: the curvature is unbounded above and, where x_{j+1} is large, below.

    Examples
    --------
    >>> import sdeopt as so
    >>> so.losses.Rosenbrock().gradient([1.0, 1.0])
    array([0., 0.])
    """

    name = "Rosenbrock"
    settings = ("dim", "steepness", "target")

    def __init__(self, dim: int = 2, steepness: float = 100.0, target: float = 1.0) -> None:
        self.dim = whole_number(dim, "dim", 2)
        self.steepness = finite_number(steepness, "steepness", 0.0, open_end=True)
        self.target = finite_number(target, "target")

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The coefficients b and a."""
        return (vector([self.steepness, self.target], "coefficients"),)

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the polynomial."""
        import sympy

        x = sympy.symbols(f"x1:{self.dim + 1}", real=True)
        links = [self.steepness * (z - y**2) ** 2 + (self.target - y) ** 2 for y, z in pairwise(x)]
        return sympy.Add(*links), x
