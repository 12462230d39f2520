"""At which points gradients of the loss are taken: of each array a fact and a statement say where.

One array holds the gradients at one place for each agent, and the loss has one minimizer.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.expectation import Constant
from theory.core.losses import GradientArray
from theory.proofs.chance import is_random
from theory.proofs.dynamics import GRADIENT, MINIMIZER, PLACES, Dynamics, Motion, joined, written
from theory.proofs.fact import Assumption
from theory.proofs.relation import ProofError
from theory.symbols import PARAMETERS, TIMES

ZERO = GradientArray("0", real=True)
"""∇f at the minimizer."""


@dataclasses.dataclass(frozen=True)
class Point:
    """A point and the gradient of f there, coordinate by coordinate; that at the minimizer is 0."""

    position: Callable[[Any], Any]
    gradient: Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Minimizer(Assumption):
    """The hypothesis that an array is the minimizer, so that ∇f is 0 there."""

    array: Any = None


@dataclasses.dataclass(frozen=True)
class OnHessians(Assumption):
    """A hypothesis on the Hessians as one on gradients at points, by the analysis that it names."""

    points: tuple[Point, ...] = ()

    def restricts(self, array: Any, law: Motion) -> bool:
        """Return whether it says more of gradients, or speaks of those at another place."""
        own = law_of(self.points).get(array) if self.through else None
        return super().restricts(array, law) and not (own is not None and own.same(law))


@dataclasses.dataclass(frozen=True)
class Gradients:
    """The points of the gradients that a statement compares, as a part of its system."""

    points: tuple[Point, ...]

    def dynamics(self) -> Dynamics:
        """Return the place of each array of gradients."""
        return law_of(self.points)


@functools.cache
def law_of(points: tuple[Point, ...]) -> Dynamics:
    """Return the place of each array of gradients; refuse one array at two places."""
    return joined(*map(_place_of, points))


def _place_of(point: Point) -> Dynamics:
    a = sympy.Dummy("a", integer=True, positive=True)
    place, slope = (sympy.sympify(part(a)) for part in (point.position, point.gradient))
    if slope == 0:
        constant = isinstance(place, sympy.Indexed) and isinstance(place.base, Constant)
        if not constant or place.indices != (a,):
            raise ProofError(f"the gradient is 0 at a minimizer, a `Constant`, and not at {place}.")
        return {ZERO: written(MINIMIZER, (a,), place)}
    if not (isinstance(slope, sympy.Indexed) and isinstance(slope.base, GradientArray)):
        raise ProofError(
            f"{slope} is not known to be a gradient; declare the array as a `GradientArray`."
        )
    if slope.indices[-1] != a or any(index.has(a) for index in slope.indices[:-1]):
        raise ProofError(f"{slope} is no gradient: its coordinate must be the last index alone.")
    _demand_function_of(place, slope.indices)
    if isinstance(place, sympy.Indexed) and len(place.indices) > 1 and len(slope.indices) > 1:
        if place.indices != slope.indices:
            raise ProofError(f"{slope} is not the gradient at {place}.")
        return {slope.base: Motion(GRADIENT, (place.base[PLACES[: len(place.indices)]],))}
    pairs = zip(slope.indices, PLACES, strict=False)
    names = {index: name for index, name in pairs if index.is_Symbol}
    return {slope.base: Motion(GRADIENT, (place.xreplace(names),))}


def _demand_function_of(place: Any, indices: tuple[Any, ...]) -> None:
    """Refuse a place that is another one for values that the gradient does not have as indices."""
    labels = {base.label for base in place.atoms(sympy.IndexedBase)}
    free = {name for name in place.free_symbols if name.is_Symbol} - labels
    other = (free - {*indices} - PARAMETERS.keys()) | (free & TIMES)
    if other:
        names = ", ".join(sorted(map(str, other)))
        raise ProofError(f"the gradient at {place} is another one for each value of {names}.")
    if is_random(place):
        raise ProofError(f"{place} is random, and the gradient there is not.")
