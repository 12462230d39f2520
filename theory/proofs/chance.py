"""What every expectation obeys: it is linear, and (E U W)² <= E U² E W².

Numbers that satisfy hypotheses are looked for under these conditions too, since rules of proof use them:
no random variable has a mean of 1 and squares of mean 0.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import sympy

from theory.proofs.relation import Relation


def is_mean(expression: Any) -> bool:
    """Return whether an expression is an expectation, not one at a time of solutions."""
    return bool(getattr(expression, "averages", False) and len(expression.args) == 1)


def is_random(expression: Any) -> bool:
    """Return whether an expression has entries of random arrays, outside an expectation."""
    means = {part: sympy.Dummy() for part in expression.atoms(sympy.Function) if is_mean(part)}
    bases = expression.xreplace(means).atoms(sympy.IndexedBase)
    return any(getattr(base, "random", False) for base in bases)


def in_terms(relation: Relation) -> Relation:
    """Write the expectations of a relation without sums as those of products of random entries."""
    if not (_has_random(relation.left) or _has_random(relation.right)):
        return relation
    return Relation(_linear(relation.left), relation.sign, _linear(relation.right))


def _has_random(side: Any) -> bool:
    bases = sympy.sympify(side).atoms(sympy.IndexedBase)
    return any(getattr(base, "random", False) for base in bases)


def _linear(expression: Any) -> Any:
    expression = sympy.sympify(expression)
    if not expression.args:
        return expression
    parts = [_linear(part) for part in expression.args]
    if not (is_mean(expression) and is_random(parts[0])):
        return expression.func(*parts)
    terms = sympy.Add.make_args(sympy.expand(parts[0]))
    return sympy.Add(*[_mean_of_term(expression.func, term) for term in terms])


def _mean_of_term(mean: Any, term: Any) -> Any:
    fixed, chance = term.as_independent(*filter(is_random, sympy.Mul.make_args(term)), as_Add=False)
    return fixed if chance == 1 else fixed * mean(chance)


def means_of(relations: Iterable[Relation]) -> list[Any]:
    """Return the expectations of random entries of which relations speak."""
    sides = (side for one in relations for side in (one.left, one.right))
    found = {part for side in sides for part in sympy.sympify(side).atoms(sympy.Function)}
    chosen = (part for part in found if is_mean(part) and is_random(part.args[0]))
    return sorted(chosen, key=sympy.default_sort_key)


def of_squares(relations: Iterable[Relation]) -> Iterator[Relation]:
    """Yield (E U W)² <= E U² E W² wherever the relations speak of all three; W can be 1."""
    found = set(means_of(relations))
    roots = {part: root for part in found for root in [_root(part.args[0])] if root is not None}
    for square, root in roots.items():
        yield Relation(sympy.S.Zero, "<=", square)
        if square.func(root) in found:
            yield Relation(square.func(root) ** 2, "<=", square)
    for (first, one), (second, other) in itertools.combinations(roots.items(), 2):
        if first.func(one * other) in found:
            yield Relation(first.func(one * other) ** 2, "<=", first * second)


def _root(expression: Any) -> Any:
    """Return an expression whose square is the given one, if it is a product of even powers."""
    factors = sympy.Mul.make_args(expression)
    if not all(one.is_Pow and one.exp.is_even and one.exp.is_positive for one in factors):
        return None
    return sympy.Mul(*[one.base ** (one.exp / 2) for one in factors])
