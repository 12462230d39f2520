"""Limits that may be infinite: what can be done with them as with numbers, and what cannot."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy

from theory.proofs import signs
from theory.proofs.fact import Fact
from theory.proofs.relation import ProofError, Relation, bound_symbols

ANY = sympy.Dummy("any", integer=True, positive=True)
"""In the place of all indices."""


def demand_sums_of_limits(claim: Relation, name: str) -> None:
    """Demand that limits that may be infinite are added, each times a number that is not negative."""
    for side in (claim.left, claim.right):
        limits = limits_in(side)
        if limits and side is claim.right and claim.sign == "<":
            raise ProofError(f'"{name}": {limits[0]} may be infinite, and nothing is then less.')
        for limit, factor in _factors(side, limits).items():
            if factor is None or not signs.is_nonnegative(factor):
                raise ProofError(
                    f'"{name}": {limit} may be infinite, and must then be added; write what is '
                    "subtracted on the other side."
                )


def demand_no_circle_of_limits(
    using: Mapping[Fact, Any], words: str, is_nonnegative: Callable[[Any], bool]
) -> None:
    """Demand that limits that cancel are put into one another, never in a circle.

    From A <= B and B <= C follows A <= C, also where B is infinite. From A <= B − 1 and B <= A follows
    nothing: both may be infinite, and 1 <= 0 is what is left of them.
    """
    below: dict[Any, set[Any]] = {}
    # under a sum a limit has any index, so that indices tell limits apart no longer
    key = _of_any_index if any(map(_is_summed, using)) else sympy.sympify
    for fact, multiplier in using.items():
        less, more = _sides(fact, multiplier, is_nonnegative)
        for limit in map(key, less):
            below.setdefault(limit, set()).update(map(key, more))
    while below:
        ends = {limit for limit, others in below.items() if not others & below.keys()}
        if not ends:
            names = ", ".join(sorted(map(str, below)))
            raise ProofError(
                f'"{words}": {names} may be infinite, and are bounded by each other; they do not '
                "cancel."
            )
        below = {limit: others for limit, others in below.items() if limit not in ends}


def demand_limits_apart(
    relation: Relation, words: str, is_nonnegative: Callable[[Any], bool]
) -> None:
    """Refuse A <= A − 1, no contradiction where A is infinite, and A − B, which is then no number."""
    both = {*limits_in(relation.left)} & {*limits_in(relation.right)}
    # A <= 2 A says what is true of the infinite, too
    rest = sympy.sympify(relation.slack)
    for limit, factor in _factors(rest, both).items():
        rest -= factor * limit if factor is not None and is_nonnegative(factor) else 0
    if both and relation.sign != "=" and sympy.expand(rest) != 0:
        raise ProofError(
            f'"{words}": {min(both, key=str)} may be infinite, and is on both sides; write it on one.'
        )
    for side in (relation.left, relation.right):
        limits = limits_in(side)
        if len(limits) < 2:
            continue
        factors = _factors(side, limits).values()
        added = (
            all(one is not None and is_nonnegative(sign * one) for one in factors)
            for sign in (1, -1)
        )
        if not any(added):
            names = ", ".join(map(str, limits))
            raise ProofError(f'"{words}": {names} may be infinite, and are not added in {side}.')


def demand_one_finite(one: Fact, other: Fact, words: str) -> None:
    """Refuse the product of two relations both of which speak of limits that may be infinite."""
    limits = limits_in(one.slack)
    if limits and limits_in(other.slack):
        raise ProofError(f'"{words}": {limits[0]} may be infinite, as the other factor may be.')


def limits_in(*sides: Any) -> list[Any]:
    """Return the limits in expressions that may be infinite."""
    calls = set[Any]().union(*(sympy.sympify(side).atoms(sympy.Function) for side in sides))
    return sorted((one for one in calls if getattr(one, "may_be_infinite", False)), key=str)


def _is_summed(fact: Fact) -> bool:
    names = bound_symbols(fact.relation.left) | bound_symbols(fact.relation.right)
    return any(names & limit.free_symbols for limit in limits_in(fact.slack))


def _of_any_index(limit: Any) -> Any:
    return limit.replace(lambda part: isinstance(part, sympy.Indexed), lambda part: part.base[ANY])


def _sides(
    fact: Fact, multiplier: Any, is_nonnegative: Callable[[Any], bool]
) -> tuple[Iterable[Any], Iterable[Any]]:
    """Return the limits that a relation bounds, and those by which it does."""
    limits = limits_in(fact.relation.left, fact.relation.right)
    if fact.relation.sign == "=" and len(limits) < 2:
        return (), ()  # equal to what is finite
    factors = _factors(fact.slack, limits)
    if fact.relation.sign == "=" and not is_nonnegative(multiplier):
        if not is_nonnegative(-sympy.sympify(multiplier)):
            return limits, limits
        factors = {limit: None if one is None else -one for limit, one in factors.items()}
    less = [limit for limit, one in factors.items() if one is None or not is_nonnegative(one)]
    more = [limit for limit, one in factors.items() if one is None or not is_nonnegative(-one)]
    return less, more


def _factors(side: Any, limits: Iterable[Any]) -> dict[Any, Any]:
    """Return what each limit is multiplied with in a sum; None where it is in something else."""
    numbers = {limit: sympy.Dummy() for limit in limits}
    written = sympy.sympify(side).xreplace(numbers)
    found = {limit: written.diff(number) for limit, number in numbers.items()}
    return {
        limit: None if factor.has(*numbers.values()) else factor for limit, factor in found.items()
    }
