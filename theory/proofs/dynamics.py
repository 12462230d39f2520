"""Of which equations a fact speaks: the motion of each array that it is about.

A fact about solutions, such as a limit of an expectation, holds for one system alone. It carries the
motion of every array of that system, and facts of different systems are not joined.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import sympy

from theory.proofs.relation import ProofError, Relation
from theory.proofs.signs import is_zero
from theory.proofs.sums import at_places
from theory.symbols import dimension

PLACES = [sympy.Dummy(f"place{number}", integer=True, positive=True) for number in range(6)]
"""The indices at which every motion is written."""


@dataclasses.dataclass(frozen=True)
class Motion:
    """How one array changes or is defined: the kind of law, and its expressions at `PLACES`."""

    kind: str
    parts: tuple[Any, ...]

    def same(self, other: "Motion") -> bool:
        """Return whether both are shown to be the same law."""
        if self.kind != other.kind or len(self.parts) != len(other.parts):
            return False
        pairs = zip(self.parts, other.parts, strict=True)
        return all(one == another or is_zero(one - another) for one, another in pairs)


def symbols_of(dynamics: Mapping[Any, Motion]) -> set[Any]:
    """Return the free symbols of the laws of arrays, besides their own indices."""
    parts = (part for motion in dynamics.values() for part in motion.parts)
    return set[Any]().union(*(part.free_symbols for part in parts))


def demand_not_in(dynamics: Mapping[Any, Motion], symbol: Any) -> None:
    """Raise ProofError where a system has a symbol: a fact is then about another one for each value."""
    if symbol in symbols_of(dynamics):
        raise ProofError(
            f"the system itself has {symbol}, so there is another for each value of it."
        )


AT_EACH_STATE = ("recursion", "definition")
"""Laws that relations without solutions are about, too."""
GRADIENT, MINIMIZER = "gradient", "minimizer"
"""Kinds of a law that only says at which place the gradients in an array are taken, or are 0."""
Dynamics = Mapping[Any, Motion]
"""The motion of each array."""


class Restricting(Protocol):
    """A hypothesis, as far as gradients are concerned."""

    @property
    def name(self) -> str:
        """Its name."""

    def restricts(self, array: Any, law: Motion) -> bool:
        """Return whether it says more of the gradients at a place than what the Hessians are."""


class StatedSystem(Protocol):
    """Equations or definitions that statements speak of."""

    def dynamics(self) -> Dynamics:
        """Return the motion of each array."""


def written(kind: str, indices: Iterable[Any], *values: Any) -> Motion:
    """Return a motion whose values are given at some indices."""
    names, values = dict(zip(indices, PLACES, strict=False)), tuple(map(sympy.sympify, values))
    for value in values:
        _demand_own_names(value)
    return Motion(kind, tuple(value.xreplace(names) for value in values))


def law_at_places(law: Callable[..., Any], count: int) -> Any:
    """Return a law of so many indices, written at `PLACES`."""
    fresh = [sympy.Dummy("index", integer=True, positive=True) for _ in range(count)]
    value = at_places(law, *fresh)
    _demand_own_names(value)
    return value.xreplace(dict(zip(fresh, PLACES, strict=False)))


def _demand_own_names(value: Any) -> None:
    """Refuse a law with a parameter that would be taken for one of its indices."""
    caught = value.free_symbols & {*PLACES}
    if caught:
        raise ProofError(
            f"{value} has {min(caught, key=str)}, in which laws of arrays are written."
        )


def joined(*all_dynamics: Dynamics) -> Dynamics:
    """Join the dynamics of several facts; raise ProofError where they are of different systems."""
    joint: dict[Any, Motion] = {}
    for dynamics in all_dynamics:
        for array, motion in dynamics.items():
            if array in joint and not joint[array].same(motion):
                if motion.kind in (GRADIENT, MINIMIZER):
                    places = f"{joint[array].parts[0]} and {motion.parts[0]}"
                    raise ProofError(f"the gradient {array} is taken at two places: {places}.")
                raise ProofError(f"facts about different systems are joined: two laws for {array}.")
            joint.setdefault(array, motion)
    _demand_no_circle(joint)
    return joint


def joined_under(assumptions: Iterable["Restricting"], *all_dynamics: Dynamics) -> Dynamics:
    """Join the dynamics of several facts, also with what hypotheses say of gradients."""
    joint = joined(*all_dynamics)
    demand_plain_gradients(joint, assumptions)
    return joint


def _demand_no_circle(joint: Dynamics) -> None:
    """Refuse arrays each of which is given by the other: there may be no such arrays."""
    laws = {array: motion for array, motion in joint.items() if motion.kind in AT_EACH_STATE}
    uses = {
        array: {base for part in motion.parts for base in part.atoms(sympy.IndexedBase)} - {array}
        for array, motion in laws.items()
    }
    while uses:
        given = {array for array, others in uses.items() if not others & uses.keys()}
        if not given:
            raise ProofError(f"{', '.join(sorted(map(str, uses)))} are given by each other.")
        uses = {array: others for array, others in uses.items() if array not in given}


def stacked(*parts: Dynamics) -> Dynamics:
    """Return the dynamics of one system; raise ProofError where an array has two laws."""
    joint: dict[Any, Motion] = {}
    for dynamics in parts:
        twice = joint.keys() & dynamics.keys()
        if twice:
            raise ProofError(f"one system gives two laws for {', '.join(map(str, twice))}.")
        joint.update(dynamics)
    return joint


def ends(relation: Relation, dynamics: Dynamics) -> frozenset[tuple[Any, Any]]:
    """Return the free indices of moving arrays in a relation, with the ends of their ranges."""
    found = set()
    for entry in relation.left.atoms(sympy.Indexed) | relation.right.atoms(sympy.Indexed):
        motion = dynamics.get(entry.base)
        if motion is not None and motion.kind not in (*AT_EACH_STATE, GRADIENT, MINIMIZER):
            count = motion.parts[-1]
            found |= {*zip(entry.indices, (count, dimension), strict=False)}
    return free_ranges(relation, found)


def free_ranges(relation: Relation, *ranges: Iterable[Any]) -> frozenset[tuple[Any, Any]]:
    """Return the ranges of the indices that are free in a relation."""
    free = relation.left.free_symbols | relation.right.free_symbols
    pairs = frozenset[Any]().union(*ranges)
    return frozenset((index, end) for index, end in pairs if index in free and index.is_Symbol)


def declared(system: Any) -> Dynamics:
    """Return the dynamics of a system, of a tuple of systems, or of none."""
    if system is None:
        return {}
    systems = system if isinstance(system, tuple) else (system,)
    return stacked(*(one.dynamics() for one in systems))


def moving(dynamics: Dynamics) -> set[Any]:
    """Return the arrays that have a law of their own, and are not gradients at given places."""
    return {array for array, motion in dynamics.items() if motion.kind not in (GRADIENT, MINIMIZER)}


def demand_plain_gradients(dynamics: Dynamics, assumptions: Iterable["Restricting"]) -> None:
    """Raise ProofError where a hypothesis says more of gradients than what the Hessians are."""
    for array in dynamics.keys() - moving(dynamics):
        for one in assumptions:
            if one.restricts(array, dynamics[array]):
                raise ProofError(
                    f'"{one.name}" is another hypothesis on {array} than one on the Hessians.'
                )


def speaks_of_solutions(relation: Relation) -> bool:
    """Return whether a relation is about solutions of equations, not about all states."""
    calls = relation.left.atoms(sympy.Function) | relation.right.atoms(sympy.Function)
    return any(getattr(call, "of_solutions", False) for call in calls)


def demand_declared(dynamics: Dynamics, system: Any, claim: Relation, name: str) -> None:
    """Demand that a conclusion speaks of the system that the statement declares."""
    stated, of_solutions = declared(system), speaks_of_solutions(claim)
    named = {
        array
        for array, motion in stated.items()
        if claim.contains(array) and (of_solutions or motion.kind in AT_EACH_STATE)
    }
    if of_solutions and not moving(stated):
        raise ProofError(f'"{name}" speaks of solutions, but does not say of which system.')
    if of_solutions and not moving(dynamics):
        raise ProofError(f'the proof of "{name}" does not say of which system it speaks.')
    other = (dynamics.keys() - stated.keys()) | (named - dynamics.keys())
    if other:
        arrays = ", ".join(sorted(map(str, other)))
        raise ProofError(f'"{name}" is stated and proved for different systems: {arrays}.')
    for array, motion in dynamics.items():
        if not motion.same(stated[array]):
            raise ProofError(
                f'"{name}" is proved for another system than it is stated for: the law of {array} '
                "differs."
            )
