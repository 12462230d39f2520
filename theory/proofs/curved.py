"""A loss of the same curvature at all points, with which hypotheses on gradients are tried.

Numbers for entries of gradients could satisfy hypotheses that the gradients of no loss satisfy. Where a
proof says at which places they are taken, they are those of ½ h ‖x − x*‖², h an eigenvalue.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import sympy

from theory.proofs.dynamics import MINIMIZER, PLACES, Dynamics, moving
from theory.proofs.fact import Assumption
from theory.proofs.relation import Relation
from theory.proofs.sums import own_names

CENTRE = sympy.IndexedBase("c", real=True)
"""x*, where no hypothesis names the minimizer."""


def curved(assumptions: Iterable[Assumption], dynamics: Iterable[Dynamics]) -> Iterator[Assumption]:
    """Yield hypotheses as ones on such a loss."""
    assumptions, laws = tuple(assumptions), dict[Any, Any]()
    for system in dynamics:
        laws |= {array: system[array] for array in system.keys() - moving(system)}
    each = [name for one in assumptions for name in one.each]
    curvature = each[0] if each else sympy.Dummy("h", real=True)
    for one in assumptions:
        stated = one.relation
        if stated is None or not any(map(stated.contains, laws)):
            yield one
            continue
        sides = (_curved(side, laws, curvature) for side in (stated.left, stated.right))
        yield dataclasses.replace(one, relation=Relation(next(sides), stated.sign, next(sides)))


def _curved(side: Any, laws: Dynamics, curvature: Any) -> Any:
    named = [law.parts[0] for law in laws.values() if law.kind == MINIMIZER]

    def at(entry: Any) -> Any:
        place = own_names(laws[entry.base].parts[0])
        centre = (
            named[0].xreplace({PLACES[0]: entry.indices[-1]})
            if named
            else CENTRE[entry.indices[-1]]
        )
        return curvature * (place.xreplace(dict(zip(PLACES, entry.indices, strict=False))) - centre)

    entries = [entry for entry in side.atoms(sympy.Indexed) if entry.base in laws]
    return side.xreplace({entry: at(entry) for entry in entries})
