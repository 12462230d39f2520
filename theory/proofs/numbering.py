"""Unknown numbers for what hypotheses speak of: entries of arrays, functions and parameters."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.proofs.chance import is_mean
from theory.proofs.relation import Relation
from theory.proofs.signs import is_nonnegative, is_positive
from theory.proofs.states import State, is_of_states, mean_at, of_states, varies

CASES = 5
"""How many equally likely cases a random entry has."""
ELEMENTARY = (sympy.exp, sympy.log, sympy.Abs, sympy.KroneckerDelta)


@dataclasses.dataclass(frozen=True)
class Numbering:
    """Unknown numbers for what hypotheses speak of; random arrays have one in each case."""

    unknown: dict[Any, Any]
    random: frozenset[Any]
    moving: frozenset[Any]
    state: dict[Any, Any]

    def in_each_case(self, relation: Relation) -> Iterable[Relation]:
        """Yield a relation between unknown numbers, one for each case if it speaks of chance."""
        cases = [
            Relation(self.of(relation.left, case), relation.sign, self.of(relation.right, case))
            for case in range(CASES)
        ]
        return cases if cases[0] != cases[1] else cases[:1]

    def at(self, relation: Relation, state: State) -> Relation:
        """Return a relation between unknown numbers at a state."""
        return Relation(
            self.of(relation.left, state), relation.sign, self.of(relation.right, state)
        )

    def of(self, expression: Any, case: int | State) -> Any:
        """Put one unknown for each array entry, each function and each symbol."""
        expression = sympy.sympify(expression)
        if is_of_states(expression):
            return of_states(expression, self.of)
        if isinstance(case, State):
            if is_mean(expression):
                return mean_at(case, expression.args[0], self.of)
        elif isinstance(expression, sympy.Indexed) and expression.base in self.moving:
            return self.state.setdefault(
                expression, sympy.Symbol(f"x{len(self.state):05}", real=True)
            )
        by_chance = bool(self.random & expression.atoms(sympy.IndexedBase))
        if by_chance and is_mean(expression):
            return sympy.Add(*[self.of(expression.args[0], one) for one in range(CASES)]) / CASES
        if (
            isinstance(expression, sympy.Indexed | sympy.Integral)
            or (isinstance(expression, sympy.Function) and not isinstance(expression, ELEMENTARY))
            or expression.is_Symbol
        ):
            signs = {
                name: True
                for name in ("positive", "nonnegative")
                if getattr(expression, f"is_{name}")
            }
            if _is_variance(expression) or _keeps(expression, "keeps_sign", is_nonnegative):
                signs["nonnegative"] = True
            if _keeps(expression, "keeps_order", is_positive):
                signs["positive"] = True
            if isinstance(case, State):
                by_chance = varies(expression)
            name = (expression, case) if by_chance else expression
            # sympy turns expressions of dummies into functions in quadratic time
            number = sympy.Symbol(f"u{len(self.unknown):05}", real=True, **signs)
            return self.unknown.setdefault(name, number)
        if not expression.args:
            return expression
        return expression.func(*[self.of(part, case) for part in expression.args])


def _is_variance(expression: Any) -> bool:
    """Return whether an expression is a diagonal entry of an array that is declared a covariance."""
    if not getattr(getattr(expression, "base", None), "semidefinite", False):
        return False
    return bool(expression.indices[-1] == expression.indices[-2])


def _keeps(expression: Any, name: str, has_sign: Callable[[Any], bool]) -> bool:
    """Return whether an expression is a mean, a limit or a value, and has the sign of what it is of."""
    if not getattr(expression, name, False):
        return False
    inner = expression.args[0]
    return has_sign(inner) or _keeps(inner, name, has_sign)
