"""The loss convolved with noise where there is no closed form: a weighted mean of shifted losses."""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sdeopt.arguments import Array, finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.modules import load_beside
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    from sdeopt.noise import NoiseLaw

# nodes for each coordinate, by the number of coordinates
NODES = {1: 128, 2: 32, 3: 16}

KERNELS = """\
import numpy as np

from sdeopt.kernels.compilation import compiled
from {module} import gradient as original_gradient
from {module} import value as original_value


@compiled
def shift(x, by, out):
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[d, lane] = x[d, lane] - by[d]


@compiled
def gradient(x, parameters, out):
    shifts, weights, original = parameters[0], parameters[1], parameters[2:]
    shifted, part = np.empty_like(x), np.empty_like(x)
    out[:] = 0.0
    for node in range(weights.shape[0]):
        shift(x, shifts[node], shifted)
        original_gradient(shifted, original, part)
        for d in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[d, lane] += weights[node] * part[d, lane]


@compiled
def value(x, parameters, out):
    shifts, weights, original = parameters[0], parameters[1], parameters[2:]
    shifted, part = np.empty_like(x), np.empty(x.shape[1])
    out[:] = 0.0
    for node in range(weights.shape[0]):
        shift(x, shifts[node], shifted)
        original_value(shifted, original, part)
        for lane in range(x.shape[1]):
            out[lane] += weights[node] * part[lane]
"""


def convolved_by_quadrature(
    loss: Loss, noise: "NoiseLaw", scale: float = 1.0, points: int | None = None
) -> "ConvolvedLoss":
    """Return x ↦ E f(x − scale·ζ) by the tensor product of the law's quadrature rule."""
    if loss.dim not in NODES:
        raise InvalidArgumentError(
            f"{loss.name} has no closed form when convolved with {type(noise).__name__} noise, and "
            f"quadrature works up to {max(NODES)} coordinates, not {loss.dim}."
        )
    count = NODES[loss.dim] if points is None else whole_number(points, "points", 1)
    return ConvolvedLoss(loss, noise, finite_number(scale, "scale"), count)


class ConvolvedLoss(Loss):
    """A weighted mean of a loss at shifted points; see `convolved_by_quadrature`."""

    name = "ConvolvedLoss"
    settings = ("original", "noise", "scale", "points")

    def __init__(self, original: Loss, noise: "NoiseLaw", scale: float, points: int) -> None:
        self.original, self.noise, self.scale, self.points = original, noise, scale, points
        self.dim = original.dim
        nodes, weights = noise.quadrature(points)
        shifts = scale * np.array(list(product(nodes, repeat=self.dim)))
        products = np.array(list(product(weights, repeat=self.dim))).prod(axis=1)
        self._rule = np.ascontiguousarray(shifts), np.ascontiguousarray(products)

    def kernel_module(self) -> str:
        """Return the name of the module generated around the original's."""
        module = self.original.kernel_module()
        return load_beside(KERNELS.format(module=module), module).__name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The shifts, the weights, then the parameters of the original."""
        return *self._rule, *self.original.parameters

    @property
    def constants(self) -> LossConstants:
        """The constants of the original, which bound those of its mean over shifts."""
        return self.original.constants
