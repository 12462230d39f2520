"""The loss that noisy descent really descends: E f(x − s ζ), the loss convolved with its noise."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import Loss
from sdeopt.losses.quadrature import convolved_by_quadrature

if TYPE_CHECKING:
    from sdeopt.noise import NoiseLaw


def convolve(loss: Loss, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
    """Return x ↦ E f(x − scale·ζ), by the closed form of the sympy form, else by quadrature."""
    factor = finite_number(scale, "scale")
    form = loss.expression()
    if form is not None:
        from sdeopt.losses.closed_form import expectation
        from sdeopt.losses.sympy_loss import SympyLoss

        smooth = expectation(*form, noise, factor)
        if smooth is not None:
            return SympyLoss(smooth, form[1], loss.constants)
    return convolved_by_quadrature(loss, noise, factor)


def symmetric_factors(
    noise: "NoiseLaw", scale: float, frequencies: ArrayLike
) -> tuple[float, float, Array] | None:
    """Return what the noise does to a quartic and to cosines, or None if it has no closed form."""
    import sympy

    factor = finite_number(scale, "scale")
    second = factor**2 * noise.raw_moment(2)
    fourth = factor**4 * noise.raw_moment(4)
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
