"""A normal form for finite sums over symbolic ranges, such as Σ_i Σ_a x_ia² with i = 1..p, a = 1..n.

Two expressions of sums, products, powers and Kronecker deltas are equal when their normal forms are:
products of sums are expanded, constants and separate sums factored out, deltas contracted and bound
indices renamed. All ranges start at 1, and a free index lies inside the range it is compared with.
Values are substituted for array entries so that no sum captures their indices.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import sympy

from theory.proofs.indices import demand_range, runs
from theory.proofs.relation import (
    ProofError,
    Relation,
    bound_by,
    bound_symbols,
    demand_no_labels,
    demand_uncaught,
)
from theory.symbols import PARAMETERS, dimension

NAMES = [sympy.Dummy(f"i{number}", integer=True) for number in range(1, 13)]
"""The bound indices of every normal form."""


@dataclasses.dataclass(frozen=True)
class Term:
    """A product of factors under sums: ``bound`` gives each bound index its upper end."""

    factors: tuple[Any, ...]
    bound: dict[Any, Any]
    compared: frozenset[tuple[Any, Any]] = frozenset()
    """Free indices that a delta compares with a bound one, and the upper ends of these."""

    def __mul__(self, other: "Term") -> "Term":
        return Term(self.factors + other.factors, self.bound | other.bound)


def contains_sums(expression: Any) -> bool:
    """Return whether the normal form can differ from the expression."""
    return bool(expression.has(sympy.Sum, sympy.KroneckerDelta))


@functools.lru_cache(maxsize=4096)
def normal_sums(expression: Any) -> Any:
    """Return the normal form of an expression with finite sums."""
    if not contains_sums(expression):
        return expression
    return sympy.Add(*[_collected(term) for term in _terms(expression)])


def _terms(expression: Any) -> Iterator[Term]:
    """Multiply out, with different bound indices for every sum."""
    if isinstance(expression, sympy.Add):
        for part in expression.args:
            yield from _terms(part)
    elif isinstance(expression, sympy.Mul):
        yield from _product([list(_terms(part)) for part in expression.args])
    elif isinstance(expression, sympy.Sum):
        yield from _opened(expression)
    elif _is_power_to_open(expression):
        base, exponent = expression.args
        if isinstance(base, sympy.KroneckerDelta):
            yield Term((base,), {})
            return
        # Each factor is expanded separately, so that its bound indices differ.
        yield from _product([list(_terms(base)) for _ in range(int(exponent))])
    elif expression.args and contains_sums(expression) and not _is_delta(expression):
        yield Term((expression.func(*[_inside(part) for part in expression.args]),), {})
    else:
        yield Term((expression,), {})


def _inside(expression: Any) -> Any:
    return normal_sums(expression) if isinstance(expression, sympy.Expr) else expression


def _is_delta(expression: Any) -> bool:
    return isinstance(expression, sympy.KroneckerDelta)


def _is_power_to_open(expression: Any) -> bool:
    if not isinstance(expression, sympy.Pow) or not expression.exp.is_Integer:
        return False
    sums = contains_sums(expression.base) or isinstance(expression.base, sympy.Add)
    return bool(expression.exp.is_positive) and sums


def _product(parts: list[list[Term]]) -> Iterator[Term]:
    for chosen in itertools.product(*parts):
        term = Term((), {})
        for factor in chosen:
            term = term * factor
        yield term


def _opened(total: Any) -> Iterator[Term]:
    bound, function = {}, total.function
    demand_range(total)
    for index, _, upper in total.limits:
        demand_no_labels([function], [index])
        fresh = sympy.Dummy(index.name, integer=True)
        function = function.subs(index, fresh)
        bound[fresh] = upper
    for term in _terms(function):
        if any(upper.free_symbols & bound.keys() for upper in term.bound.values()):
            raise ProofError(f"{total}: the range of one index depends on another one.")
        yield Term(term.factors, term.bound | bound)


def _contracted(term: Term) -> Term:
    """Contract every Kronecker delta that has a bound index."""
    factors, bound, compared = list(term.factors), dict(term.bound), set[tuple[Any, Any]]()
    for delta in [factor for factor in factors if _is_delta(factor)]:
        factors.remove(delta)
    deltas = [factor for factor in term.factors if _is_delta(factor)]
    while deltas:
        delta = deltas.pop()
        if delta == 1 or not _is_delta(delta):
            factors.append(delta)
            continue
        gone = next((index for index in delta.args if index in bound), None)
        if gone is None:
            # δ_ij F(j) = δ_ij F(i): the other factors keep one of the two names.
            kept, gone = delta.args
            if gone.is_Symbol:
                factors = [_named(factor, gone, kept) for factor in factors]
                deltas = [other.subs(gone, kept) for other in deltas]
            factors.append(delta)
            continue
        kept = delta.args[1] if delta.args[0] == gone else delta.args[0]
        if not _in_range(kept, bound[gone], bound):
            raise ProofError(f"{delta} compares indices of different ranges.")
        if kept.is_Symbol and kept not in bound and kept not in PARAMETERS:
            compared.add((kept, bound[gone]))
        del bound[gone]
        factors = [_named(factor, gone, kept) for factor in factors]
        deltas = [factor.subs(gone, kept) for factor in deltas]
    return Term(tuple(factors), bound, frozenset(compared))


def _named(factor: Any, gone: Any, kept: Any) -> Any:
    """Put one index for another, which no sum or function inside takes for its own."""
    demand_uncaught(factor, ({gone} | kept.free_symbols) & bound_symbols(factor))
    return factor.subs(gone, kept)


@functools.lru_cache(maxsize=4096)
def ranges_of(expression: Any) -> frozenset[tuple[Any, Any]]:
    """Return the free indices that must lie within a sum for the normal form to hold, with its end."""
    if not (expression.has(sympy.Sum) and expression.has(sympy.KroneckerDelta)):
        return frozenset()
    found: set[tuple[Any, Any]] = set()
    for term in _terms(expression):
        found |= _contracted(term).compared
    for part, bound in _closed(expression, {}):
        for index, end in set[tuple[Any, Any]]().union(*map(ranges_of, _inner(part))):
            if index not in bound:
                found.add((index, end))
            elif bound[index] != end:
                raise ProofError(f"{part} compares indices of different ranges.")
    return frozenset(pair for pair in found if pair[0] in expression.free_symbols)


def _closed(expression: Any, bound: Mapping[Any, Any]) -> Iterator[tuple[Any, Mapping[Any, Any]]]:
    """Yield the largest parts that are no sums, products or powers, with the bound indices around."""
    if isinstance(expression, sympy.Sum):
        ends = {index: upper for index, _, upper in expression.limits}
        yield from _closed(expression.function, {**bound, **ends})
    elif isinstance(expression, sympy.Add | sympy.Mul) or _is_power_to_open(expression):
        for part in expression.args:
            yield from _closed(part, bound)
    elif isinstance(expression, sympy.Lambda):  # a point has a coordinate for each dimension
        yield expression, {**bound, **dict.fromkeys(expression.variables, dimension)}
    elif expression.args and not isinstance(expression, sympy.Indexed | sympy.KroneckerDelta):
        yield expression, bound


def _inner(part: Any) -> Iterator[Any]:
    """Yield the expressions of which a part is made."""
    for each in part.args:
        if isinstance(each, sympy.Expr):
            yield each
        else:
            yield from _inner(each)


def ranges_within(relation: Relation) -> frozenset[tuple[Any, Any]]:
    """Return the indices that must lie within a sum for the normal form of a relation to hold."""
    return ranges_of(relation.left) | ranges_of(relation.right)


def _in_range(index: Any, upper: Any, bound: dict[Any, Any]) -> bool:
    """Return whether an index lies between 1 and an upper end."""
    if index.is_Integer:
        return bool(index.is_positive and (upper - index).is_nonnegative)
    if index in PARAMETERS:
        return bool(index.is_positive and (upper - index).is_nonnegative)
    return bool(bound[index] == upper if index in bound else runs(index))


def _collected(term: Term) -> Any:
    """Split the sum into sums that share no index, and rename the indices."""
    term = _contracted(term)
    groups: list[tuple[set[Any], list[Any]]] = []
    outside = []
    for factor in term.factors:
        indices = factor.free_symbols & term.bound.keys()
        if not indices:
            outside.append(factor)
            continue
        members = [factor]
        for group in [group for group in groups if group[0] & indices]:
            groups.remove(group)
            indices, members = indices | group[0], members + group[1]
        groups.append((indices, members))
    used = set().union(*(indices for indices, _ in groups))
    sizes = [upper for index, upper in term.bound.items() if index not in used]
    sums = [_renamed(indices, members, term.bound) for indices, members in groups]
    return sympy.Mul(*outside, *sizes, *sums)


def _renamed(indices: set[Any], members: list[Any], bound: dict[Any, Any]) -> Any:
    """Return the sum under the order of index names that sorts first."""
    body = sympy.Mul(*members)
    uppers = sorted({bound[index] for index in indices}, key=sympy.default_sort_key)
    blocks = [[index for index in indices if bound[index] == upper] for upper in uppers]
    candidates = []
    for orders in itertools.product(*(itertools.permutations(block) for block in blocks)):
        order = [index for block in orders for index in block]
        # Sums inside a function inside this sum use the first names.
        names = dict(zip(order, (name for name in NAMES if not body.has(name)), strict=False))
        limits = [(names[index], 1, bound[index]) for index in order]
        candidates.append(sympy.Sum(body.xreplace(names), *limits))
    return min(candidates, key=sympy.default_sort_key)


def own_names(expression: Any) -> Any:
    """Give the sums new bound indices, so that they capture no symbol of a substituted value."""
    if not expression.has(sympy.Sum):
        return expression
    parts = [own_names(part) if isinstance(part, sympy.Expr) else part for part in expression.args]
    if not isinstance(expression, sympy.Sum):
        return expression.func(*parts)
    names = {name: sympy.Dummy(name.name, integer=True) for name in expression.variables}
    limits = [(names[name], lower, upper) for name, lower, upper in expression.limits]
    return sympy.Sum(parts[0].xreplace(names), *limits)


def at_places(law: Callable[..., Any], *places: Any) -> Any:
    """Return the value of a law at some indices, none of which its own sums take for theirs."""
    fresh = [sympy.Dummy("place", integer=True, positive=True) for _ in places]
    value, at = sympy.sympify(law(*fresh)), [*map(sympy.sympify, places)]
    names = set[Any]().union(*(place.free_symbols for place in at))
    if names & bound_symbols(value):
        value = own_names(value)
    demand_uncaught(value, names & bound_symbols(value))
    return value.xreplace(dict(zip(fresh, at, strict=True)))


def called_once(vector: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the vector whose entries are those of one call, however often they are asked for."""
    place = sympy.Dummy("place", integer=True, positive=True)
    entry = sympy.sympify(vector(place))
    return lambda a: at_places(lambda other: entry.xreplace({place: other}), a)


def moved(expression: Any, array: Any, place: Callable[..., Any]) -> Any:
    """Substitute other values for all entries of an array."""
    expression = own_names(expression)
    entries = [entry for entry in expression.atoms(sympy.Indexed) if entry.base == array]
    values = {entry: sympy.sympify(place(*entry.indices)) for entry in entries}
    demand_free_of_binding(expression, values, _named_by(place, entries))
    return expression.xreplace(values)


def _named_by(place: Callable[..., Any], entries: Iterable[Any]) -> set[Any]:
    """Return the symbols of the values at a place, besides the indices at which they are taken."""
    counts = {len(entry.indices) for entry in entries}
    fresh = [sympy.Dummy(integer=True, positive=True) for _ in range(max(counts, default=0))]
    values = (sympy.sympify(place(*fresh[:count])) for count in counts)
    return set[Any]().union(*(value.free_symbols for value in values)) - {*fresh}


def demand_free_of_binding(
    expression: Any,
    changes: Mapping[Any, Any],
    one_value: Set[Any],
    bound: frozenset[Any] = frozenset(),
) -> None:
    """Refuse a value under a sum over one of its symbols that is not in what it replaces.

    Nor may there be a sum over a symbol of which the change is known for one value alone.
    """
    if expression in changes:
        value = changes[expression]
        caught = (value.free_symbols - expression.free_symbols) | one_value
        demand_uncaught(value, caught & bound)
    elif isinstance(expression, sympy.Basic):
        for part in expression.args:
            demand_free_of_binding(part, changes, one_value, bound.union(bound_by(expression)))
