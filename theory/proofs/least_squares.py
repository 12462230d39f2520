"""Numbers that satisfy relations, by least squares of what each relation misses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from theory.proofs.relation import Relation
from theory.proofs.states import may_vary

Numbers = NDArray[np.float64]
MARGIN, TOLERANCE = 1e-3, 1e-9
STOP = 1e-14
STEP = float(np.sqrt(np.finfo(np.float64).eps))
"""Of the differences that stand for derivatives, relative to numbers above 1."""
LARGEST, POSITIVE = 1e4, 20.0
"""Of all numbers, and of those that are positive: these are at least the reciprocal. Of less, and of
exp(−100), one could not tell whether it is zero."""
HUGE = 1e3
"""What a relation misses where it is not finite."""


class Problem:
    """Relations between unknown numbers, at all places of the state.

    What is one number for all places is the same there, and what can vary is its own. Functions take
    columns of free numbers, each column one try.
    """

    def __init__(
        self,
        relations: Sequence[Relation],
        unknown: Mapping[Any, Any],
        state: Iterable[Any],
        places: Sequence[Numbers],
    ) -> None:
        names = [*unknown.values()]
        signs = np.array([one.sign for one in relations] * len(places))[:, None]
        self._equal, self._strict = signs == "=", signs == "<"
        self._own = np.array([may_vary(name) for name in unknown], dtype=bool)
        self._positive = np.array([bool(name.is_positive) for name in names])[:, None]
        self._signed = np.array([bool(name.is_nonnegative) for name in names])[:, None]
        self._places = places
        self._size = len(names) + (len(places) - 1) * int(self._own.sum())
        # sympy prints an equality of two indices as a condition, which columns have not
        slacks = [one.slack.replace(sympy.KroneckerDelta, _where_equal) for one in relations]
        self._slacks = sympy.lambdify([names, [*state]], slacks, modules="numpy")

    def solution(self, rng: np.random.Generator) -> Numbers | None:
        """Return numbers for the unknowns that satisfy the relations, found from a random start."""
        from scipy.optimize import least_squares

        for margin in (MARGIN, 0.0):
            free = rng.normal(size=self._size)
            if self._size:
                free = least_squares(
                    self._missing_of,
                    free,
                    self._derivatives,
                    kwargs={"margin": margin},
                    max_nfev=200,
                    ftol=STOP,
                    xtol=STOP,
                    gtol=STOP,
                ).x
            if self._holds(free[:, None]):
                return self._numbers(free[:, None], len(self._places) - 1)[:, 0]
        return None

    def _missing_of(self, free: Numbers, margin: float) -> Numbers:
        return self._missing(free[:, None], margin)[:, 0]

    def _derivatives(self, free: Numbers, margin: float) -> Numbers:
        # all differences in one call: one by one they take a hundred times as long
        ahead = free + STEP * np.where(free < 0, -1.0, 1.0) * np.maximum(1.0, abs(free))
        points = np.column_stack([np.tile(free[:, None], len(free)), free])
        np.fill_diagonal(points, ahead)
        values = self._missing(points, margin)
        return (values[:, :-1] - values[:, -1:]) / (ahead - free)

    def _numbers(self, free: Numbers, place: int) -> Numbers:
        """Return the unknowns at one of the places: all at the first, then those that vary."""
        found = free[: len(self._own)].copy()
        if place:
            many = int(self._own.sum())
            begin = len(found) + (place - 1) * many
            found[self._own] = free[begin : begin + many]
        with np.errstate(all="ignore"):
            positive = np.exp(np.clip(found, -np.log(POSITIVE), np.log(POSITIVE)))
            others = np.clip(np.where(self._signed, found**2, found), -LARGEST, LARGEST)
            return np.where(self._positive, positive, others)

    def _missing(self, free: Numbers, margin: float) -> Numbers:
        """Return what each relation misses, 0 for an inequality that holds with the margin."""
        values = self._values(free)
        return np.where(self._equal, values, np.minimum(values - margin, 0.0))

    def _holds(self, free: Numbers) -> bool:
        """Return whether all relations hold."""
        values = self._values(free)
        least = np.where(self._strict, TOLERANCE, -TOLERANCE)
        return bool(np.where(self._equal, abs(values) <= TOLERANCE, values >= least).all())

    def _values(self, free: Numbers) -> Numbers:
        shape = free.shape[1:]
        with np.errstate(all="ignore"):
            found = [
                np.broadcast_to(np.asarray(value, dtype=np.float64), shape)
                for number, place in enumerate(self._places)
                for value in self._slacks(self._numbers(free, number), place)
            ]
        every = np.array(found).reshape(len(found), *shape)
        return np.nan_to_num(every, nan=-HUGE, posinf=HUGE, neginf=-HUGE)


def _where_equal(one: Any, other: Any) -> Any:
    return sympy.Piecewise((1, sympy.Eq(one, other)), (0, True))
