"""The noise scale·level·ζ of a step that a loss is convolved with: what it can be, and its moments."""

import math

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError, shown
from sdeopt.noise.law import NoiseLaw
from sdeopt.schedules import Constant


def checked_scale(noise: object, scale: object) -> float:
    """Return scale·level, the factor in front of ζ; refuse what is no law, and a level that changes.

    Each way to convolve calls it once, with the scale that the user gave.
    """
    if not isinstance(noise, NoiseLaw):
        given = f"the class {noise.__name__}" if isinstance(noise, type) else f"{noise!r:.60}"
        raise InvalidArgumentError(
            f"noise is {given}, but must be a noise law, such as so.noise.Uniform(6.0)."
        )
    level = noise.level_schedule
    if not isinstance(level, Constant):
        raise InvalidArgumentError(
            f"the level of the noise is {shown(level)}, but a loss is convolved with noise whose level "
            "is a number; give a law with the level at one time."
        )
    product = finite_number(scale, "scale") * level.value
    return finite_number(product, "scale times the level of the noise")


def scaled(moment: float, scale: float, order: int) -> float:
    """Return scale^order times a moment of the noise; refuse what is beyond float64."""
    try:
        product = float(scale**order * moment)
    except OverflowError:
        product = math.nan
    if not math.isfinite(product):
        raise too_large(scale)
    return product


def too_large(scale: float) -> InvalidArgumentError:
    """Return the error for noise whose convolution has numbers beyond float64."""
    return InvalidArgumentError(
        f"the noise's scale is {scale:g}, with which the convolved loss has numbers beyond the largest "
        "float64; take a smaller scale or narrower noise."
    )
