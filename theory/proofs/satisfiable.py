"""Numbers that satisfy all hypotheses of a result at once; hypotheses that contradict have none.

Sums are written out for small sizes, integrals as sums of a few values. A hypothesis for all indices is
taken at several of them, one for all real values at a few, and every array entry and every call of a
function is one unknown number. A random entry of which hypotheses speak with and without an expectation
has a number in each of a few cases that are equally likely. Expectations obey what all of them do
(`theory.proofs.chance`), and what independence says of them; other hypotheses in words are not looked
at.
"""

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from theory.proofs.chance import in_terms, is_mean, means_of, of_squares
from theory.proofs.domains import UNDEFINED
from theory.proofs.fact import Assumption
from theory.proofs.indices import runs
from theory.proofs.least_squares import Problem
from theory.proofs.numbering import Numbering
from theory.proofs.quadrature import as_sum, count, places_of
from theory.proofs.relation import ProofError, Relation
from theory.proofs.states import State, at_states
from theory.proofs.sums import own_names

TRIES = 24
SIZES = ((2, 2), (2, 3), (1, 2), (1, 1), (1, 4))
"""For each size in turn: the least of the integer parameters, and the largest."""
LARGER = 20
"""How many times larger the integers may be that no sum runs to."""
SAMPLES = (sympy.Rational(-13, 10), sympy.Rational(2, 5), sympy.Integer(2))
"""Values at which a hypothesis for all real values of a symbol is taken."""
FEW = 8
"""Up to which index a hypothesis for all of them is taken at each: what is said of neighbours chains."""
FAR = ((3, 50), (13, -50))
"""More values: the first of the indices, of which no two are the same, and the real one."""
SCALES = (0.2, -1.8)
"""States at which hypotheses are tried: the second is farther out, and on the other side."""


@dataclasses.dataclass(frozen=True)
class Instance:
    """Numbers for parameters, array entries and functions that satisfy all hypotheses."""

    values: Mapping[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value:.4g}" for name, value in self.values.items())


@functools.cache
def instance_of(
    assumptions: tuple[Assumption, ...], moving: frozenset[Any] = frozenset()
) -> Instance:
    """Return numbers that satisfy all relations among the hypotheses, or raise ProofError.

    They are found at more than one state of the arrays that move.
    """
    stated = [one for one in assumptions if one.relation is not None]
    if not stated:
        return Instance({})
    for number in range(TRIES):
        rng = np.random.default_rng(number)
        sizes = _sizes(stated, number, rng)
        posed = _posed(assumptions, tuple(sizes.items()), moving)
        numbers = posed and posed[1].solution(rng)
        if posed and numbers is not None:
            listed = {str(size): float(value) for size, value in sizes.items()}
            for name, value in zip(posed[0], numbers, strict=True):
                listed[_words(name)] = float(value)
            return Instance(listed)
    names = ", ".join(dict.fromkeys(f'"{one.name}"' for one in stated))
    raise ProofError(
        f"no numbers are found that satisfy all assumptions at once ({names}); they may contradict each "
        + ("other, or what moves." if moving else "other.")
    )


@functools.lru_cache(len(SIZES))
def _posed(
    assumptions: tuple[Assumption, ...], chosen: tuple[tuple[Any, int], ...], moving: frozenset[Any]
) -> tuple[list[Any], Problem] | None:
    """Return what is unknown at chosen sizes, and the relations; None where some are undefined."""
    stated, sizes = [one for one in assumptions if one.relation is not None], dict(chosen)
    unknown, state = dict[Any, Any](), dict[Any, Any]()
    between = count(map(_relation, stated))
    places = _places(stated, sizes, between)
    taken = [
        in_terms(relation) for one in stated for relation in _taken(one, sizes, places, between)
    ]
    means = means_of(taken)
    split = (Relation(mean, "=", one.split(mean)) for one in assumptions for mean in means)
    taken += [relation for relation in split if relation.slack != 0]
    taken += of_squares(taken)
    numbered = Numbering(unknown, _random_both_ways(taken), moving, state)
    relations = [relation for one in taken for relation in numbered.in_each_case(one)]
    relations += (numbered.at(one, state) for one, state in at_states(taken))
    relations = [*dict.fromkeys(relations)]
    if any(relation.slack.has(*UNDEFINED) for relation in relations):
        return None
    drawn = np.array([(7 * place + 3) % 17 - 8.5 for place in range(len(state))])
    # a law says how arrays move, and hypotheses do not
    placed = [scale * drawn for scale in (SCALES if state else SCALES[:1])]
    return [*unknown], Problem(relations, unknown, state.values(), placed)


def _words(name: Any) -> str:
    """Return what an unknown number stands for."""
    if not isinstance(name, tuple):
        return str(name)
    entry, case = name
    return f"{entry} ({case})" if isinstance(case, State) else f"{entry} in case {case + 1}"


def _sizes(stated: list[Assumption], number: int, rng: Any) -> dict[Any, int]:
    """Return small integers for the integers that are no running indices."""
    integers, ends = set[Any](), set[Any]()
    for one in stated:
        assert one.relation is not None
        for side in (one.relation.left, one.relation.right):
            limits = (limit for total in side.atoms(sympy.Sum) for limit in total.limits)
            ends |= set().union(*(upper.free_symbols for _, _, upper in limits))
            integers |= {name for name in side.free_symbols if name.is_Symbol and name.is_integer}
        integers -= {*one.over}
    least, most = SIZES[number % len(SIZES)]

    def size(name: Any) -> int:
        if runs(name) and not name.is_positive:
            return 1
        larger = LARGER if number % 2 and name not in ends else 1
        return int(rng.integers(least, larger * most + 1))

    return {name: size(name) for name in sorted(integers | ends, key=str)}


def _relation(one: Assumption) -> Relation:
    assert one.relation is not None
    return one.relation


def _places(
    stated: list[Assumption], sizes: Mapping[Any, int], between: int
) -> tuple[list[Any], list[Any]]:
    """Return the numbers that stand for an index, and those in a function, in the hypotheses."""
    indices, values = set[Any](), set[Any]()
    for one in stated:
        assert one.relation is not None
        for side in map(sympy.sympify, (one.relation.left, one.relation.right)):
            for entry in side.atoms(sympy.Indexed):
                indices |= {index for index in entry.indices if index.is_Integer and index > 2}
            for call in side.atoms(AppliedUndef):
                values |= {value for value in call.args if value.is_Rational}
            for value in places_of(side.subs(sizes), between):
                if value.is_real and not value.free_symbols & {*one.over}:
                    values.add(value)
    return sorted(indices), sorted(values, key=sympy.default_sort_key)


def _taken(
    one: Assumption,
    sizes: Mapping[Any, int],
    places: tuple[list[Any], list[Any]],
    between: int,
) -> Iterable[Relation]:
    """Yield a hypothesis at each index, and at some real values, of its ``over``."""
    assert one.relation is not None
    ranges: list[Iterable[Any]] = []
    for symbol in one.over:
        if symbol.is_integer:
            every = range(1, 1 + max([2, *places[0]])) if max(places[0], default=0) <= FEW else ()
            ranges.append(
                [*map(sympy.Integer, every)] or [sympy.S.One, sympy.Integer(2), *places[0]]
            )
        else:
            more = (*SAMPLES, *places[1])
            ranges.append([abs(value) if symbol.is_nonnegative else value for value in more])
    far = [
        tuple(
            sympy.Integer(
                index + place if symbol.is_integer else abs(real) if symbol.is_nonnegative else real
            )
            for place, symbol in enumerate(one.over)
        )
        for index, real in FAR
    ]
    for chosen in [*itertools.product(*ranges), *(far if one.over else ())]:
        at = {**sizes, **dict(zip(one.over, chosen, strict=True))}
        yield Relation(
            _written_out(own_names(one.relation.left).subs(at), between),
            one.relation.sign,
            _written_out(own_names(one.relation.right).subs(at), between),
        )


def _written_out(expression: Any, between: int) -> Any:
    """Write finite sums out, and integrals as sums of values."""
    expression = sympy.sympify(expression)
    if isinstance(expression, sympy.Integral):
        total = as_sum(expression, between)
        return total if total == expression else _written_out(total, between)
    if not expression.has(sympy.Sum, sympy.Integral):
        return expression
    if not isinstance(expression, sympy.Sum):
        return expression.func(*[_written_out(part, between) for part in expression.args])
    names = [name for name, _, _ in expression.limits]
    ranges = [range(int(lower), int(upper) + 1) for _, lower, upper in expression.limits]
    terms = (
        expression.function.xreplace(dict(zip(names, map(sympy.Integer, chosen), strict=True)))
        for chosen in itertools.product(*ranges)
    )
    return sympy.Add(*[_written_out(term, between) for term in terms])


def _random_both_ways(relations: Iterable[Relation]) -> frozenset[Any]:
    """Return the random arrays of which hypotheses speak with and without an expectation."""
    inside, outside = set[Any](), set[Any]()
    for relation in relations:
        for side in map(sympy.sympify, (relation.left, relation.right)):
            means = {part for part in side.atoms(sympy.Function) if is_mean(part)}
            inside |= {base for mean in means for base in mean.atoms(sympy.IndexedBase)}
            outside |= side.xreplace({mean: sympy.Dummy() for mean in means}).atoms(
                sympy.IndexedBase
            )
    return frozenset(base for base in inside & outside if getattr(base, "random", False))
