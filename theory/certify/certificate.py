"""The answer of `theory.certify.certify`, and its sentence."""

import dataclasses
import decimal
from collections.abc import Mapping
from typing import Any

import sympy

from theory.certify.search import Status

SHORT = 8
"""The longest number of a metric that is printed exactly."""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """The answer to the question whether a system contracts on a box.

    Attributes
    ----------
    status : {"proved", "disproved", "undecided"}
        The answer.
    rate : float, optional
        When proved: a rate, exactly this number, at which the system contracts at every point. A rate
        that was asked for and is no float, as 1/10 is, is proved itself; this is the float below.
    rate_at_most : float, optional
        No larger rate holds on the whole box; `point` shows it.
    point : mapping of sympy.Symbol to sympy.Rational, optional
        The examined point that contracts least. When disproved: a point without contraction at the
        rate in question, checked in interval arithmetic.
    boxes : int
        The number of boxes examined.
    reason : str
        When undecided: why.
    metric : sympy.ImmutableMatrix, optional
        M, in which distances are measured. None: what was disproved is disproved in every constant
        metric.
    asked : object, optional
        The rate that was asked for, as it was given.

    Examples
    --------
    >>> import sympy
    >>> from theory.certify import certify
    >>> x = sympy.Symbol("x")
    >>> answer = certify([-2 * x], [x], {x: (-1, 1)})
    >>> answer.status, answer.rate > 1.9
    ('proved', True)
    """

    status: Status
    rate: float | None
    rate_at_most: float | None
    point: Mapping[Any, Any] | None
    boxes: int
    reason: str = ""
    metric: Any = None
    asked: Any = None

    def __str__(self) -> str:
        if self.status == "undecided":
            return f"undecided: {self.reason}"
        if self.status == "proved":
            least = _rounded(self.rate, decimal.ROUND_FLOOR)
            found = least if self.asked is None else f"{self.asked} that was asked for"
            return f"proved: contracts at the rate {found} on the whole box, {self._where}"
        most = _rounded(self.rate_at_most, decimal.ROUND_CEILING)
        point = self.point or {}
        where = ", ".join(f"{name} = {float(value):.6g}" for name, value in point.items())
        return f"disproved: the rate is at most {most} at {where}, {self._where}{self._hint}"

    @property
    def _where(self) -> str:
        if self.metric is None:
            return "in every constant metric"
        if self.metric == sympy.eye(self.metric.rows):
            return "in the identity metric"
        rows = [[str(entry) for entry in row] for row in self.metric.tolist()]
        sign = "="
        if any(len(entry) > SHORT for row in rows for entry in row):
            rows = [[f"{float(entry):.6g}" for entry in row] for row in self.metric.tolist()]
            sign = "≈"
        written = ", ".join(f"[{', '.join(row)}]" for row in rows)
        return f"in the metric M {sign} [{written}]"

    @property
    def _hint(self) -> str:
        """What to try next: the decimal that a float stands for, or another metric."""
        if isinstance(self.asked, float) and self.rate_at_most == self.asked:
            return (
                f"; the float {self.asked} that was asked for is a little larger, give "
                f"sympy.Rational('{self.asked}') for the decimal"
            )
        if self.metric is None or self.metric.rows == 1:
            return ""
        return "; metric='search' looks for another"


def _rounded(number: float | None, direction: str) -> str:
    """Return six digits, rounded in the safe direction."""
    assert number is not None
    context = decimal.Context(prec=6, rounding=direction)
    return f"{context.create_decimal_from_float(number).normalize():g}"
