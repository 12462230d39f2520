"""Of which random entries an entry is a function, by laws that follow from each other.

Independence of two entries cannot be assumed where both are functions of the same one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy

from theory.proofs.chance import is_mean
from theory.proofs.indices import runs
from theory.proofs.relation import Relation, bound_symbols
from theory.proofs.sums import own_names

ANY = sympy.Dummy("any", integer=True)
"""An index that runs in a sum: any number."""
STEPS = 12
"""How many steps back a recursion is followed, besides those that indices name."""


def common(
    families: Sequence[Sequence[Any]],
    shared: Iterable[Any],
    laws: Sequence[Relation],
    stated: Iterable[Relation],
) -> Any:
    """Return an entry on which entries of two families depend, by laws or hypotheses, or None."""
    laws = [*laws, *(law for one in stated for law in _as_laws(one))]
    before = [
        {one for entry in family for one in _depends_on(entry, families, laws)}
        for family in families
    ]
    for number, these in enumerate(before):
        for others in before[:number]:
            for one in sorted(these, key=sympy.default_sort_key):
                if any(_may_coincide(one, other, {*shared}) for other in others):
                    return one
    return None


def _as_laws(stated: Relation) -> Iterator[Relation]:
    """Yield a hypothesis as a law of each random entry that it has, outside of expectations.

    Two inequalities can be an equation, so that one of them counts as one.
    """
    means = {part: sympy.Dummy() for part in stated.slack.atoms(sympy.Function) if is_mean(part)}
    slack = stated.slack.xreplace(means)
    yield from (Relation(entry, "=", slack) for entry in _random(slack))


def _depends_on(
    pattern: Any, families: Sequence[Sequence[Any]], laws: Sequence[Relation]
) -> set[Any]:
    """Return the entries of which those of a pattern are functions, and these themselves."""
    named = [index for family in families for one in family for index in _indices(one)]
    named += [index for law in laws for side in (law.left, law.right) for index in _indices(side)]
    far = max((abs(int(n)) for index in named for n in index.atoms(sympy.Integer)), default=0)
    found = new = {*_random(pattern)}
    for _ in range((STEPS + far) * len(laws)):
        new = {
            parent
            for entry in new
            for law in laws
            for parent in _parents(entry, law)
            if parent not in found
        }
        if not new:
            break
        found = found | new
    return found


def _indices(expression: Any) -> list[Any]:
    return [
        index for one in sympy.sympify(expression).atoms(sympy.Indexed) for index in one.indices
    ]


def _random(expression: Any) -> list[Any]:
    """Return the entries of random arrays, with any number for an index that runs in a sum."""
    expression = own_names(sympy.sympify(expression))
    running = dict.fromkeys(bound_symbols(expression), ANY)
    entries = (one for one in expression.atoms(sympy.Indexed) if getattr(one.base, "random", False))
    return [one.xreplace(running) for one in entries]


def _parents(entry: Any, law: Relation) -> list[Any]:
    """Return the entries in the law of an entry, at its indices."""
    if law.left.base != entry.base or len(law.left.indices) != len(entry.indices):
        return []
    values = dict[Any, Any]()
    for stated, index in zip(law.left.indices, entry.indices, strict=True):
        names = [name for name in stated.free_symbols if name != ANY]
        if stated.is_number and index.is_number and stated != index:
            return []
        if len(names) != 1 or stated.diff(names[0]) != 1:
            continue
        value = ANY if index.has(ANY) else index - stated.subs(names[0], 0)
        if value.is_number and not value.is_positive and names[0].is_positive:
            return []
        values[names[0]] = value
    parents = _random(law.right)
    free = {name for one in parents for name in one.free_symbols if runs(name)}
    values |= dict.fromkeys(free - values.keys(), ANY)
    return [one.xreplace(values) for one in parents]


def _may_coincide(one: Any, other: Any, shared: set[Any]) -> bool:
    """Return whether two entries are not told apart by an index that both families share."""
    if one.base != other.base or len(one.indices) != len(other.indices):
        return False
    pairs = [
        first - second
        for first, second in zip(one.indices, other.indices, strict=True)
        if (first.free_symbols | second.free_symbols) <= shared
    ]
    return not any(gap.is_number and gap != 0 for gap in pairs)
