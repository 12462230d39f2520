"""Moments of laws that are products: their order, and numbers that leave the range of float64."""

import math
from fractions import Fraction

from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import NoiseLaw

MOST_ORDER = 1000
"""Of a moment: its exact factors fit into memory and are multiplied at once."""


def moment_order(order: object) -> int:
    """Return the order of a moment, or raise an error that says what it can be."""
    return whole_number(order, "order of a moment", 0, MOST_ORDER)


def power_product(
    law: NoiseLaw, order: int, width: float, factor: float, divisor: int = 1
) -> float:
    """Return width^order · factor / divisor, the moment of a law; refuse one beyond float64.

    Factors may leave the range where their product does not.
    """
    try:
        plain = float(width**order * factor / divisor)
    except OverflowError:
        plain = math.inf
    if plain != 0.0 and math.isfinite(plain):
        return plain
    try:
        return float(Fraction(width) ** order * Fraction(factor) / divisor)
    except OverflowError:
        raise InvalidArgumentError(
            f"the moment of order {order} of noise.{type(law).__name__} is beyond the largest float64; "
            "give the law a smaller width."
        ) from None
