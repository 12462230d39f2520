"""The noise scale·ζ of a step that a loss is convolved with: what it can be, and its moments."""

import math

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import NoiseLaw


def checked_scale(noise: object, scale: object) -> float:
    """Return the scale of a noise law, or raise an error where one of the two is something else."""
    if not isinstance(noise, NoiseLaw):
        shown = f"the class {noise.__name__}" if isinstance(noise, type) else f"{noise!r:.60}"
        raise InvalidArgumentError(
            f"noise is {shown}, but must be a noise law, such as so.noise.Uniform(6.0)."
        )
    return finite_number(scale, "scale")


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
        f"scale is {scale:g}, with which the convolved loss has numbers beyond the largest float64; "
        "take a smaller scale or narrower noise."
    )
