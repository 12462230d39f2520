"""Limits, averages and expectations of solutions, made of values at a few states.

Rules of proof take relations that hold at all states to limits and expectations. So where hypotheses
speak of these, they are tried at such states too: no limit of E X is 1 if X <= 0 at each of them.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from theory.proofs.chance import is_mean
from theory.proofs.relation import Relation

TIMES, CHANCES = 2, 3
"""How many times come again for ever, and how many cases each of them has."""


@dataclasses.dataclass(frozen=True)
class State:
    """One state of the solutions: of which quantity, at which of its times, in which case."""

    quantity: tuple[Any, ...]
    time: int
    case: int

    def __str__(self) -> str:
        name = ", ".join(map(str, self.quantity))
        return f"{name}, time {self.time + 1}, case {self.case + 1}"


def is_of_states(call: Any) -> bool:
    """Return whether a quantity of solutions is a value, a mean or a limit of what it is of."""
    return bool(getattr(call, "of_solutions", False) and getattr(call, "keeps_sign", False))


def of_states(call: Any, value: Callable[[Any, State], Any]) -> Any:
    """Return such a quantity from the values of what it is of at the states."""
    times = [state for state in _states(call) if state.case == 0]
    if getattr(call, "averages", False):
        return mean_at(times[0], call.args[0], value)
    return sympy.Max(*[value(call.args[0], state) for state in times])


def mean_at(state: State, inner: Any, value: Callable[[Any, State], Any]) -> Any:
    """Return the expectation at a time."""
    cases = [dataclasses.replace(state, case=case) for case in range(CHANCES)]
    return sympy.Add(*[value(inner, one) for one in cases]) / CHANCES


def varies(expression: Any) -> bool:
    """Return whether an entry or a call has another value at another state."""
    if isinstance(expression, sympy.Indexed):
        return not getattr(expression.base, "constant", False)
    return not (expression.is_Symbol or getattr(expression, "of_solutions", False))


def may_vary(name: Any) -> bool:
    """Return whether an unknown number can be another one where the arrays that move are elsewhere.

    The numbers of cases, and those at a `State`, can.
    """
    return isinstance(name, tuple) or varies(name)


def at_states(relations: Iterable[Relation]) -> list[tuple[Relation, State]]:
    """Return the relations that must hold at states, with each of these."""
    relations = list(relations)
    calls = {
        call for one in relations for call in one.slack.atoms(sympy.Function) if is_of_states(call)
    }
    reached = set[Any]().union(*(_names(call) for call in calls))
    for _ in relations:
        joined = (_names(one.slack) for one in relations)
        more = reached.union(*(names for names in joined if names & reached))
        if more == reached:
            break
        reached = more
    states = sorted({state for call in calls for state in _states(call)}, key=str)
    about = [one for one in relations if _names(one.slack) & reached]
    return [(one, state) for one in about for state in states]


def _states(call: Any) -> list[State]:
    quantity = (type(call).__name__, *call.args[1:])
    by_chance = getattr(call, "averages", False) or any(map(is_mean, call.atoms(sympy.Function)))
    times = TIMES if getattr(call, "may_be_infinite", False) else 1
    cases = CHANCES if by_chance else 1
    return [State(quantity, time, case) for time in range(times) for case in range(cases)]


def _names(expression: Any) -> set[Any]:
    """Return the arrays and functions that vary."""
    entries = (entry.base for entry in expression.atoms(sympy.Indexed) if varies(entry))
    return {*entries, *(call.func for call in expression.atoms(AppliedUndef))}
