"""Whether the hypotheses of a result can hold, beside each other and the laws that it states."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from theory.proofs.curved import curved
from theory.proofs.dynamics import declared, demand_plain_gradients, speaks_of_solutions
from theory.proofs.dynamics import moving as moving_of
from theory.proofs.fact import Assumption, Fact
from theory.proofs.indices import runs
from theory.proofs.relation import ProofError, Relation, demand_names_apart
from theory.proofs.satisfiable import Instance, instance_of


def consistent(
    assumptions: tuple[Assumption, ...],
    statements: Iterable[Relation],
    systems: Iterable[Any],
    facts: Iterable[Fact],
    taken: Iterable[Assumption] = (),
) -> Instance:
    """Return numbers that satisfy the assumptions, also as proof and lemmas use them, and the laws."""
    systems, facts = tuple(systems), tuple(facts)
    known = [*map(declared, systems), *(fact.dynamics for fact in facts)]
    for dynamics in known:
        demand_plain_gradients(dynamics, assumptions)
    stated = [one.relation for one in assumptions if one.relation is not None]
    relations = [*stated, *statements]
    demand_names_apart(side for one in relations for side in (one.left, one.right))
    used = (*assumptions, *dict.fromkeys((*as_used(assumptions, facts), *taken)))
    if any(map(speaks_of_solutions, stated)):
        used += (*dict.fromkeys(_of_the_laws(assumptions, facts)),)

    def is_spoken_of(array: Any) -> bool:
        return any(one.contains(array) for one in stated)

    found = []
    for system in systems:  # one for each statement: an array may have another law in another one
        laws, moving = _laws(system)
        for one in assumptions:
            entry = one.contradicts([*map(_relation, laws)], stated)
            if entry is not None:
                raise ProofError(f'"{one.name}" contradicts the laws: both depend on {entry}.')
        spoken_of = [law for law in laws if is_spoken_of(_relation(law).left.base)]
        made = tuple(curved((*used, *spoken_of), known))
        found.append(instance_of(made, frozenset(filter(is_spoken_of, moving))))
    return found[0]


def _of_the_laws(
    assumptions: tuple[Assumption, ...], facts: Iterable[Fact]
) -> Iterator[Assumption]:
    """Yield what a proof shows of all solutions: hypotheses about some of them must agree with it."""
    stated = {one.name for one in assumptions if one.relation is not None}
    for fact in facts:
        if speaks_of_solutions(fact.relation) and not fact.rests_on & stated:
            names = filter(runs, fact.relation.left.free_symbols | fact.relation.right.free_symbols)
            over = tuple(sorted(names, key=str))
            yield Assumption("what the laws imply", fact.words, fact.relation, over=over)


def _laws(system: Any) -> tuple[Sequence[Assumption], set[Any]]:
    """Return the laws at each state, as relations, and the arrays that move otherwise."""
    laws, moving = list[Assumption](), set[Any]()
    for one in system if isinstance(system, tuple) else (system,):
        if hasattr(one, "equation"):
            laws.append(one.equation())
        elif one is not None:
            moving |= moving_of(one.dynamics())
    return laws, moving


def _relation(one: Assumption) -> Relation:
    assert one.relation is not None
    return one.relation


def as_used(assumptions: tuple[Assumption, ...], facts: Iterable[Fact]) -> Iterator[Assumption]:
    """Yield the hypotheses at the values at which a proof takes them."""
    stated = {one.name: one for one in assumptions if one.relation is not None}
    for fact in facts:
        one = stated.get("".join(fact.rests_on)) if fact.kind == "assumed" else None
        if one is None or fact.relation == one.relation:
            continue
        before, names = (
            relation.left.free_symbols | relation.right.free_symbols
            for relation in (_relation(one), fact.relation)
        )
        over = [name for name in names if name in one.over or (runs(name) and name not in before)]
        over.sort(key=str)
        yield Assumption(one.name, one.words, fact.relation, over=tuple(over))
