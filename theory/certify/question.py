"""A system and a box, of which it is asked in a metric whether the system contracts there."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb

from sdeopt.errors import InvalidArgumentError
from theory.certify.balls import CONTINUOUS, Box, float_above, float_below
from theory.certify.certificate import Certificate
from theory.certify.expressions import Differentiation, OutOfTimeError
from theory.certify.rate import Matrix, basis, rate_at_least
from theory.certify.search import Limits, Search
from theory.certify.system import System
from theory.certify.tape import Tape


@dataclasses.dataclass(frozen=True)
class Question:
    """A system whose contraction on a box is in question."""

    names: tuple[Any, ...]
    """The symbols of the user: of the state, then the others."""
    field: tuple[Any, ...]
    """F, or if a rate r is asked for, F + r x; in `symbols`."""
    symbols: tuple[Any, ...]
    ends: Box
    asked: Any
    """The rate as it was given."""
    rate: Fraction | None
    limits: Limits
    derivative: Differentiation

    @property
    def size(self) -> int:
        """The number of coordinates of the state."""
        return len(self.field)

    def system(self, metric: Any) -> System:
        """Return the system in a metric."""
        state, others = self.symbols[: self.size], self.symbols[self.size :]
        return System(self.field, state, others, metric, self.derivative, self.limits.deadline)

    def answer(self, metric: Any) -> Certificate:
        """Return what is found in one metric."""
        frozen = sympy.ImmutableMatrix(metric)
        try:
            rows = self._definite(metric)
            system = self.system(metric)
        except OutOfTimeError:
            return self.undecided(self.time_is_over("while the system was differentiated"))
        search = Search(system, rows, self.ends, self.rate, self.limits)
        status, reason = search.run()
        least = search.rate_at_most
        return Certificate(
            status,
            rate=float_below(search.proved) if status == "proved" else None,
            rate_at_most=None if least is None else float_above(least),
            point=None if search.least is None else self.named(search.least.point),
            boxes=search.boxes,
            reason=reason,
            metric=frozen,
            asked=self.asked,
        )

    def undecided(self, reason: str) -> Certificate:
        """Return the answer that there is none."""
        return Certificate("undecided", None, None, None, 0, reason, asked=self.asked)

    def time_is_over(self, when: str) -> str:
        """Return the reason of an answer that took too long."""
        seconds = self.limits.deadline.seconds
        return f"the limit of {seconds:g} s was reached {when}; give more seconds."

    def named(self, point: Sequence[Fraction]) -> dict[Any, Any]:
        """Return a point with the symbols of the user."""
        return {
            symbol: sympy.Rational(value.numerator, value.denominator)
            for symbol, value in zip(self.names, point, strict=True)
        }

    def _definite(self, matrix: Any) -> Matrix:
        """Return a metric in balls, after a check that it is positive definite."""
        values = Tape(list(matrix), [], CONTINUOUS, self.limits.deadline)([])
        rows = [values[row * matrix.cols : (row + 1) * matrix.cols] for row in range(matrix.rows)]
        identity = [
            [arb(int(row == column)) for column in range(matrix.cols)] for row in range(matrix.rows)
        ]
        try:
            definite = rate_at_least(identity, rows, basis(identity, rows)) is not None
        except ValueError:
            definite = False
        if not definite:
            raise InvalidArgumentError(f"the metric must be positive definite, but it is {matrix}.")
        return rows
