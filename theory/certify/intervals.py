"""Intervals with exact ends, where a ball is too wide: Arb's radius has thirty bits.

The ball around [0, 1] reaches below 0, so in balls −x² <= 0 is never proved.
"""

from typing import Any

from flint import arb


class Interval:
    """All numbers between two exact ones, with the arithmetic of a ball."""

    __slots__ = ("high", "low")

    def __init__(self, *values: Any) -> None:
        """Take the smallest interval that holds some balls."""
        self.low, self.high = values[0].lower(), values[0].upper()
        for value in values[1:]:
            self.low = self.low.min(value.lower()).lower()
            self.high = self.high.max(value.upper()).upper()

    def lower(self) -> Any:
        """Return the lower end."""
        return self.low

    def upper(self) -> Any:
        """Return the upper end."""
        return self.high

    def abs_lower(self) -> Any:
        """Return the least absolute value."""
        if self.low <= 0 <= self.high:
            return arb(0)
        return self.low if self.low > 0 else -self.high

    def abs_upper(self) -> Any:
        """Return the largest absolute value."""
        return (-self.low).max(self.high).upper()

    def is_finite(self) -> bool:
        """Return whether both ends are numbers."""
        return bool(self.low.is_finite() and self.high.is_finite())

    def ball(self) -> Any:
        """Return a ball around the interval."""
        return self.low.union(self.high)

    def max(self, other: Any) -> "Interval":
        """Return the range of the larger one of two numbers."""
        return Interval(self.low.max(other.lower()), self.high.max(other.upper()))

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __add__(self, other: Any) -> "Interval":
        other = _interval(other)
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Any) -> "Interval":
        other = _interval(other)
        low, high = other.low, other.high
        return Interval(self.low * low, self.low * high, self.high * low, self.high * high)

    def __sub__(self, other: Any) -> "Interval":
        return self + -_interval(other)

    def __rtruediv__(self, other: Any) -> "Interval":
        if self.low <= 0 <= self.high:
            return Interval(arb("nan"))
        return Interval(1 / self.low, 1 / self.high).__mul__(other)

    def __gt__(self, other: Any) -> bool:
        return bool(self.low > other)

    def __lt__(self, other: Any) -> bool:
        return bool(self.high < other)

    __radd__, __rmul__ = __add__, __mul__


def _interval(number: Any) -> Interval:
    if isinstance(number, Interval):
        return number
    return Interval(number if isinstance(number, arb) else arb(number))
