"""What `theory.certify.certify` answers."""

import dataclasses
import decimal
from collections.abc import Mapping
from typing import Any, Literal

Status = Literal["proved", "disproved", "undecided"]


@dataclasses.dataclass(frozen=True)
class Certificate:
    """The answer to the question whether a system contracts on a box.

    Attributes
    ----------
    status : {"proved", "disproved", "undecided"}
        The answer.
    rate : float, optional
        When proved: a rate, exactly this number, at which the system contracts at every point.
    rate_at_most : float, optional
        No larger rate holds on the whole box, as `point` shows.
    point : mapping of sympy.Symbol to sympy.Rational, optional
        The point that contracts least of those looked at. When disproved: where it does not contract
        at the rate asked for, which interval arithmetic has checked there.
    boxes : int
        The number of boxes looked at.
    reason : str
        When undecided: why.
    """

    status: Status
    rate: float | None
    rate_at_most: float | None
    point: Mapping[Any, Any] | None
    boxes: int
    reason: str = ""

    def __str__(self) -> str:
        if self.status == "proved":
            rate = _rounded(self.rate, decimal.ROUND_FLOOR)
            return f"proved: contracts at the rate {rate} on the whole box"
        if self.status == "undecided":
            return f"undecided: {self.reason}"
        rate = _rounded(self.rate_at_most, decimal.ROUND_CEILING)
        point = self.point or {}
        where = ", ".join(f"{name} = {float(value):.6g}" for name, value in point.items())
        return f"disproved: the rate is at most {rate} at {where}"


def _rounded(number: float | None, direction: str) -> str:
    """Return six digits that claim no more than the number."""
    assert number is not None
    context = decimal.Context(prec=6, rounding=direction)
    return f"{context.create_decimal_from_float(number).normalize():g}"
