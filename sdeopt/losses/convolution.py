"""The loss that noisy descent minimizes: E f(x − sζ), the loss convolved with its noise.

Three ways, in this order: the loss's own formula, where it has one of the same form (`symmetric_factors`
serves those); the closed form of its sympy expression; a quadrature rule, which is a weighted mean of
shifted losses.
"""

import sys
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.modules import load_beside
from sdeopt.losses.loss import CONVOLUTIONS, Loss, LossConstants
from sdeopt.losses.quadrature_error import Rule, warn_where_rules_differ
from sdeopt.losses.step_noise import checked_scale, scaled, too_large
from sdeopt.losses.sympy_loss import SympyLoss

if TYPE_CHECKING:
    from sdeopt.noise import NoiseLaw


def symmetric_factors(
    noise: "NoiseLaw", scale: float, frequencies: ArrayLike
) -> tuple[float, float, Array] | None:
    """Return s²E ζ², s⁴E ζ⁴ and the factors φ(sw) of cosines; None for noise that is not symmetric."""
    import sympy

    factor = checked_scale(noise, scale)
    second = scaled(noise.raw_moment(2), factor, 2)
    fourth = scaled(noise.raw_moment(4), factor, 4)
    if noise.raw_moment(1) != 0.0 or noise.raw_moment(3) != 0.0:
        return None
    arguments = factor * np.asarray(frequencies, dtype=np.float64)
    damping = np.ones_like(arguments)
    for m in np.flatnonzero(arguments) if second > 0.0 else ():
        try:
            damping[m] = float(noise.characteristic(sympy.Float(float(arguments[m]))))
        except InvalidArgumentError:
            return None
    return second, fourth, damping


def convolved_by_expression(loss: Loss, noise: "NoiseLaw", scale: float) -> Loss | None:
    """Return x ↦ E f(x − scale·ζ) by the closed form of the sympy expression, if there is one."""
    factor = checked_scale(noise, scale)
    form = loss.expression()
    if form is None:
        return None
    import sympy

    from sdeopt.losses.closed_form import expectation

    smooth = expectation(*form, noise, factor)
    if smooth is not None and any(
        abs(number) > sys.float_info.max for number in smooth.atoms(sympy.Float)
    ):
        raise too_large(factor)
    return None if smooth is None else SympyLoss(smooth, form[1], loss.constants)


# nodes for each coordinate, by the number of coordinates
NODES = {1: 128, 2: 32, 3: 16}

MOST = {1: 1000, 2: 500, 3: 64}

PROBES = 4
"""Points at which a new loss is compared with another rule."""

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
    loss: Loss, noise: "NoiseLaw", scale: float, points: int | None = None
) -> "ConvolvedLoss":
    """Return x ↦ E f(x − scale·ζ) by the tensor product of the law's quadrature rule.

    Its gradient is compared with another rule's at some points drawn from a standard normal law: what is
    simulated has no other check.
    """
    factor = checked_scale(noise, scale)
    if loss.dim not in NODES:
        raise InvalidArgumentError(
            f"{loss.name} has no closed form when convolved with {type(noise).__name__} noise, and "
            f"quadrature works up to {max(NODES)} coordinates, not {loss.dim}."
        )
    count = NODES[loss.dim] if points is None else whole_number(points, "points", 1, MOST[loss.dim])
    smooth = ConvolvedLoss(loss, noise, factor, count)
    smooth.gradient(np.random.default_rng(0).normal(size=(PROBES, loss.dim)))
    return smooth


class ConvolvedLoss(Loss):
    """A weighted mean of a loss at shifted points; see `convolved_by_quadrature`.

    `value` and `gradient` compare the rule with one of about half as many nodes again, and warn where
    the two differ by more than 1e-4 of the mean size of what is averaged. The compiled functions, which
    simulations call, do not.
    """

    name = "ConvolvedLoss"
    settings = ("original", "noise", "scale", "points")

    def __init__(self, original: Loss, noise: "NoiseLaw", scale: float, points: int) -> None:
        self.original, self.noise, self.scale, self.points = original, noise, scale, points
        self.dim = original.dim
        more = points + points // 2 + 1
        self._rule = self._of(points)
        self._other = self._of(more if more <= MOST[self.dim] else points - points // 3)

    def _of(self, points: int) -> Rule:
        """Return the rule of so many nodes a coordinate."""
        nodes, weights = self.noise.quadrature(points)
        with np.errstate(over="ignore"):
            shifts = self.scale * np.array(list(product(nodes, repeat=self.dim)))
        if not np.isfinite(shifts).all():
            raise too_large(self.scale)
        products = np.array(list(product(weights, repeat=self.dim))).prod(axis=1)
        return Rule(np.ascontiguousarray(shifts), np.ascontiguousarray(products))

    def value(self, x: ArrayLike) -> Array:
        """Return the loss at points, with a warning where the quadrature is uncertain."""
        found = super().value(x)
        self._compare("value", x, found)
        return found

    def gradient(self, x: ArrayLike) -> Array:
        """Return the gradient at points, with a warning where the quadrature is uncertain."""
        found = super().gradient(x)
        self._compare("gradient", x, found)
        return found

    def _compare(self, role: str, x: ArrayLike, found: Array) -> None:
        points = np.ascontiguousarray(self._columns(x)[0].T)
        advice = (
            "the loss is not smooth enough for the width of this noise: take a smaller scale, or "
            f"more than {self.points} nodes by "
            "sdeopt.losses.convolution.convolved_by_quadrature(..., points=)"
        )
        warn_where_rules_differ(self.original, role, points, found, self._other, advice)

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


CONVOLUTIONS += [convolved_by_expression, convolved_by_quadrature]
