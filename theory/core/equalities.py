"""Substitution of known equations into others, also under sums and inside expectations."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sympy

from theory.proofs.dynamics import symbols_of
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.indices import is_index, runs
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, bound_symbols, demand_uncaught, equal
from theory.proofs.signs import is_zero, residual
from theory.proofs.sums import demand_free_of_binding, own_names
from theory.symbols import dimension, time


def demand_equation(fact: Fact) -> None:
    """Raise ProofError unless a fact is an equation."""
    if fact.relation.sign != "=":
        raise ProofError(f"an equation is needed, not {fact.relation}.")


@rule
def rewritten(proof: Proof, fact: Fact, equations: Iterable[Fact], words: str) -> Fact:
    """Replace every occurrence of the left sides of known equations by their right sides.

    An equation holds for all values of its indices, except those that the proof keeps fixed, so it may
    be used inside a sum over them, and over no other symbol that it has. It concerns values: nothing is
    substituted into a function that is marked ``is_closed``, such as a derivative.
    """
    left, right, used = fact.relation.left, fact.relation.right, [fact]
    ranges: set[tuple[Any, Any]] = set()
    for equation in equations:
        demand_equation(equation)
        changes, more = _changes(proof, equation, (left, right))
        ranges |= more
        if changes:
            left, right = left.xreplace(changes), right.xreplace(changes)
            used.append(equation)
    done = proof.take(Relation(left, fact.relation.sign, right), words, used)
    return proof.within(done, {*fact.ranges, *ranges})


@rule
def combined(proof: Proof, left: Any, right: Any, using: Mapping[Fact, Any], words: str) -> Fact:
    """Show left = right from known equations, each taken some number of times."""
    for fact in using:
        demand_equation(fact)
    found = proof.defined(*using.values())
    rest = _rest(left, right, using)
    if not is_zero(rest):
        raise ProofError(f'"{words}" is not shown: {residual(rest)} is not zero.')
    for fact in list(using):
        fewer = {one: factor for one, factor in using.items() if one is not fact}
        if is_zero(_rest(left, right, fewer)):
            using = fewer
    return proof.take(equal(left, right), words, (*using, *found))


@rule
def multiplied(proof: Proof, one: Fact, other: Fact, words: str) -> Fact:
    """Multiply two equations side by side."""
    demand_equation(one)
    demand_equation(other)
    product = equal(
        one.relation.left * other.relation.left, one.relation.right * other.relation.right
    )
    return proof.take(product, words, (one, other))


def instances(pattern: Any, expression: Any, names: frozenset[Any]) -> Iterator[dict[Any, Any]]:
    """Yield the values of the names that make the pattern the expression."""
    yield from _matches(pattern, expression, names, {})


@rule
def instance(proof: Proof, fact: Fact, at: Mapping[Any, Any], words: str) -> Fact:
    """Take a relation that holds for all values of some indices at given ones."""
    if not {*at} <= _free_indices(proof, fact, fact.relation.slack):
        raise ProofError(
            f"{fact.relation} is not stated for all values of {', '.join(map(str, at))}."
        )
    for index, value in at.items():
        ended = any(index == name for name, _ in fact.ranges)
        value = sympy.sympify(value)
        in_domain = value.is_positive or not index.is_positive
        if not (in_domain and _in_range(value, index in fact.endless and not ended)):
            raise ProofError(f"{value} may be outside the range of {index}.")
    taken = proof.take(fact.relation.subs(at), words, (fact,), relayed=fact.kind == "assumed")
    return proof.within(taken, ((at.get(name, name), end) for name, end in fact.ranges))


def _in_range(value: Any, endless: bool) -> bool:
    """Return whether a value is another index, the first one, or any if there is no last one."""
    return bool(value == 1 or runs(value) or (endless and is_index(value)))


def _rest(left: Any, right: Any, using: Mapping[Fact, Any]) -> Any:
    return right - left - sympy.Add(*[factor * fact.slack for fact, factor in using.items()])


def _changes(
    proof: Proof, fact: Fact, sides: tuple[Any, ...]
) -> tuple[dict[Any, Any], set[tuple[Any, Any]]]:
    """Return what is replaced by what, and the ranges of free indices for which that is known."""
    equation, pattern = fact.relation, fact.relation.left
    if not isinstance(pattern, sympy.Indexed | sympy.Function):
        raise ProofError(f"{pattern} is neither an array entry nor an expectation.")
    names = _free_indices(proof, fact, pattern)
    kind = sympy.Indexed if isinstance(pattern, sympy.Indexed) else pattern.func
    changes: dict[Any, Any] = {}
    ranges: set[tuple[Any, Any]] = set()
    for node in set().union(*(side.atoms(kind) for side in sides)):
        values = next(filter(_seen_from_outside(node), instances(pattern, node, names)), None)
        if values is not None:
            ranges |= _ranges(fact, values, sides)
            right = own_names(equation.right)
            named = set[Any]().union(*(value.free_symbols for value in values.values()))
            demand_uncaught(right, named & bound_symbols(right))
            changes[node] = right.subs(values, simultaneous=True)
    if time in proof.fixed | fact.fixed:
        for call in set().union(*(side.atoms(sympy.Function) for side in sides)):
            if getattr(call, "of_solutions", False) and any(call.has(node) for node in changes):
                raise ProofError(f"{equation} is known at one time alone, and {call} is of others.")
    one_value = (equation.left.free_symbols | equation.right.free_symbols) - names
    for side in sides:
        demand_free_of_binding(side, changes, one_value)
    for closed in set().union(*(side.atoms(sympy.Function) for side in sides)):
        if getattr(closed, "is_closed", False) and any(closed.has(node) for node in changes):
            raise ProofError(
                f"{closed} is not determined by values alone; nothing is substituted into it."
            )
    return changes, ranges


def _seen_from_outside(node: Any) -> Callable[[dict[Any, Any]], bool]:
    """Return whether values are those of indices that nothing inside of a node binds."""
    free = node.free_symbols - bound_symbols(node)
    return lambda values: all(value.free_symbols <= free for value in values.values())


def _ranges(fact: Fact, values: Mapping[Any, Any], sides: tuple[Any, ...]) -> set[tuple[Any, Any]]:
    """Refuse an equation for indices up to one end under a sum to another one."""
    ranges = set()
    limits = [
        tuple(limit) for side in sides for total in side.atoms(sympy.Sum) for limit in total.limits
    ]
    points = [name for side in sides for one in side.atoms(sympy.Lambda) for name in one.variables]
    limits += [(name, 1, dimension) for name in points]  # a point has a coordinate for each
    for name, end in fact.ranges:
        value = values.get(name, name)
        other = [upper for index, _, upper in limits if index == value and not is_zero(upper - end)]
        if other or not value.is_Symbol:
            raise ProofError(f"{fact.relation} is known for {name} up to {end}, not at {value}.")
        ranges.add((value, end))
    return ranges


def _free_indices(proof: Proof, fact: Fact, expression: Any) -> frozenset[Any]:
    """Return the indices for all values of which a fact holds."""
    labels = {base.label for base in expression.atoms(sympy.IndexedBase)}
    return frozenset(
        name
        for name in expression.free_symbols - labels
        if runs(name)
        if name not in proof.fixed and name not in fact.fixed | symbols_of(fact.dynamics)
    )


def _matches(
    pattern: Any, node: Any, names: frozenset[Any], found: dict[Any, Any]
) -> Iterator[dict[Any, Any]]:
    if pattern in names:
        if pattern in found:
            yield from [found] if found[pattern] == node else []
        elif is_index(node):
            yield {**found, pattern: node}
        return
    if not pattern.free_symbols & names:
        yield from [found] if pattern == node else []
        return
    if _kind(pattern) is not _kind(node):
        return
    parts, others = _parts(pattern), _parts(node)
    if len(parts) != len(others):
        return
    orders = (
        itertools.permutations(others) if _kind(pattern) in (sympy.Mul, sympy.Add) else [others]
    )
    for order in orders:
        yield from _all_match(parts, tuple(order), names, found)


def _all_match(
    parts: tuple[Any, ...], others: tuple[Any, ...], names: frozenset[Any], found: dict[Any, Any]
) -> Iterator[dict[Any, Any]]:
    if not parts:
        yield found
        return
    for more in _matches(parts[0], others[0], names, found):
        yield from _all_match(parts[1:], others[1:], names, more)


def _is_power(expression: Any) -> bool:
    return bool(expression.is_Pow and expression.exp.is_Integer and expression.exp.is_positive)


def _kind(expression: Any) -> Any:
    return sympy.Mul if _is_power(expression) else expression.func


def _parts(expression: Any) -> tuple[Any, ...]:
    """Return the arguments; a square counts as two factors."""
    if _is_power(expression) or expression.is_Mul:
        return tuple(
            itertools.chain(
                *(
                    [factor.base] * int(factor.exp) if _is_power(factor) else [factor]
                    for factor in sympy.Mul.make_args(expression)
                )
            )
        )
    return tuple(expression.args)
