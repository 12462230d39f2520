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

__all__ = ["convolve", "symmetric_factors"]


def convolve(loss: Loss, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
    """Return x ↦ E f(x − scale·ζ), by the closed form of the sympy form, else by quadrature.

    Parameters
    ----------
    loss : Loss
        f.
    noise : noise law
        The law of every coordinate of ζ, independent.
    scale : float
        The factor in front of ζ.

    Returns
    -------
    Loss
        Its constants are those of f: averaging does not make them worse.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 4.

    Examples
    --------
    >>> import sdeopt as so
    >>> smooth = so.losses.Rosenbrock().convolved(so.noise.Gaussian(0.1))
    >>> float(smooth.value([1.0, 1.0]).round(6))
    5.04
    """
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
    """Return what the noise does to a quartic and to cosines, or None if it has no closed form.

    Parameters
    ----------
    noise : noise law
        The law of every coordinate of ζ.
    scale : float
        The factor s in front of ζ.
    frequencies : array_like, shape (M,)
        w of the cosines.

    Returns
    -------
    tuple of (float, float, numpy.ndarray), or None
        s² E ζ², s⁴ E ζ⁴ and E cos(s w ζ); None for a law that is not symmetric, too.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sdeopt.losses.convolution import symmetric_factors
    >>> symmetric_factors(so.noise.Uniform(3.0), 1.0, [0.0])
    (3.0, 16.2, array([1.]))
    """
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
