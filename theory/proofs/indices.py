"""Which symbols are indices or places, and that what is bound by a sum or an integral is one of these.

The sign that is declared of a bound symbol would be believed of values that are not in its range.
"""

from typing import Any

import sympy

from theory.proofs.relation import ProofError
from theory.symbols import PARAMETERS

PLAIN = [
    sympy.Symbol("i", **assumptions).assumptions0
    for assumptions in (
        {"integer": True},
        {"integer": True, "positive": True},
    )
]
REAL = sympy.Symbol("s", real=True).assumptions0
WITHIN = [
    REAL,
    *(
        sympy.Symbol("s", **assumptions).assumptions0
        for assumptions in ({"positive": True}, {"nonnegative": True})
    ),
]


def is_index(value: Any) -> bool:
    """Return whether a value is an index plus a non-negative shift, so that it stays in range."""
    return all(
        part.is_integer and (part.is_positive or (part.is_Symbol and part.assumptions0 in PLAIN))
        for part in sympy.Add.make_args(value)
    )


def runs(symbol: Any) -> bool:
    """Return whether a symbol can take every value from 1 on."""
    return bool(symbol.is_Symbol and symbol.assumptions0 in PLAIN and symbol not in PARAMETERS)


def spans(symbol: Any) -> bool:
    """Return whether a symbol can take every value between 0 and 1."""
    return bool(symbol.is_Symbol and symbol.assumptions0 in WITHIN and symbol not in PARAMETERS)


def demand_bound(*expressions: Any) -> None:
    """Raise ProofError where a bound symbol is not declared for all values that it takes."""
    for expression in expressions:
        _demand_bound(expression)


def _demand_bound(expression: Any) -> None:
    for total in expression.atoms(sympy.Sum):
        demand_range(total)
    for integral in expression.atoms(sympy.Integral):
        for name, *ends in integral.limits:
            known = len(ends) == 2 and spans(name)
            if not known or not (name.assumptions0 == REAL or all(e.is_nonnegative for e in ends)):
                raise ProofError(
                    f"{integral}: {name} is not declared for all values between its ends."
                )
        if integral.is_zero is False:  # sympy says so where what is under it has no zero
            raise ProofError(f"{integral} has a sign of which no step of a proof knows.")
    for function in expression.atoms(sympy.Lambda):
        if not all(map(runs, function.variables)):
            raise ProofError(f"{function}: its names must be plain indices.")


def demand_range(total: Any) -> None:
    """Raise ProofError unless the indices of a sum run from 1 to positive integers."""
    if any(upper.free_symbols & {*total.variables} for _, _, upper in total.limits):
        raise ProofError(f"{total}: the range of one index depends on another one.")
    for index, lower, upper in total.limits:
        counts = upper.is_integer and upper.is_positive and not upper.has(sympy.Sum, sympy.Integral)
        if lower != 1 or not counts:
            raise ProofError(
                f"a sum must run from 1 to a positive integer, but {index} runs from {lower} to "
                f"{upper}; shift the index."
            )
        if not runs(index):
            raise ProofError(
                f"{total}: {index} is not declared as any integer or any positive one."
            )
