"""Losses from sympy expressions, compiled to the speed of the built-in ones."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sdeopt.arguments import Array
from sdeopt.display import short_signature
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.modules import load_source
from sdeopt.losses.loss import Loss, LossConstants, known_constants

if TYPE_CHECKING:
    import sympy

    from sdeopt.losses.sympy_graph import Node

HEADER = """\
from math import nan

import numpy as np

from sdeopt import math
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.choices import (
    LARGE, is_within, is_within_or_zero, larger, pick, rounding, sign, smaller, step,
)
from sdeopt.kernels.intrinsics import choose_zero, fma
from sdeopt.kernels.recomputation import recompute
from sdeopt.kernels.waves import add_wave, is_lost, wave
"""

FUNCTION = """

@compiled
def {name}(x, parameters, out):
    {before}for lane in range(x.shape[1]):
        {body}
"""

TABLE = """

{name}_table = np.array({rows})
{name}_numbers = np.array({numbers})
"""

AGAIN = """\
    if again:
        results = np.empty({count})
        for lane in range(x.shape[1]):
            if not {shown} == {shown}:
                recompute({name}_table, {name}_numbers, x, lane, results)
                {assignments}
"""
"""Where a number left the range of float64 on the way, the lane is NaN until here."""


@short_signature
def from_sympy(
    expression: "sympy.Expr",
    symbols: "sympy.Symbol | Iterable[sympy.Symbol]",
    constants: LossConstants | None = None,
) -> "SympyLoss":
    """Return the loss given by a sympy expression, differentiated and compiled.

    Parameters
    ----------
    expression : sympy.Expr
        Real, made of numbers, `symbols`, sums, products, powers, ``sqrt``, ``exp``, ``log``,
        ``sin``, ``cos``, ``tan``, ``cot``, ``sec``, ``csc``, ``sinh``, ``cosh``, ``tanh``,
        ``coth``, ``sech``, ``csch``, ``atan``, ``erf``, ``erfc``, ``Abs``, ``sign``, ``Max``,
        ``Min``, ``Heaviside`` and ``Piecewise``.
    symbols : sympy.Symbol or iterable of sympy.Symbol
        The coordinates in order, declared ``real=True`` or not at all; one that is not in the
        expression is allowed.
    constants : LossConstants, optional
        l, L, λ̄ and Q where you know them. They are not checked.

    Returns
    -------
    SympyLoss
        As fast as a built-in loss. Its numbers are written into the compiled code, so every
        expression is compiled once on a machine.

    Raises
    ------
    InvalidArgumentError
        For symbols that are not listed, or declared to be anything narrower than real, numbers
        that are not real, and functions that have no compiled form, by name.

    Notes
    -----
    The formula is evaluated as it is written: nothing is expanded or factored, so ``(x - 1000)**4``
    keeps its digits near 1000, and neither are its derivatives. Forms that overflow or cancel are
    evaluated by functions that do not (``log(cosh(x))``, ``log(1 + exp(x))``, ``exp(x) - 1``), and
    where an intermediate result leaves the range of float64 all the same, as in
    ``sqrt(x**2 + 1)`` at 1e200, the point is computed again with numbers of unlimited exponent. A
    sine of a coordinate is right for every coordinate; a sine of a rounded angle beyond ``2**51``
    half turns is NaN.

    At a kink the gradient is the mean of both sides: that of ``Abs(x)`` is 0 at 0, that of
    ``Max(u, v)`` and ``Min(u, v)`` the mean of both gradients where u = v. The derivatives of
    ``sign`` and ``Heaviside`` are 0 everywhere, their jumps left out. A ``Piecewise`` has at its
    boundaries the value and the gradient of the first piece whose condition holds, and is NaN
    where none holds.

    Examples
    --------
    >>> import sdeopt as so, sympy
    >>> x, y = sympy.symbols("x y")
    >>> loss = so.losses.from_sympy(x**4 - x * sympy.cos(y), [x, y])
    >>> loss.gradient([1.0, 0.0])
    array([3., 0.])
    """
    return SympyLoss(expression, symbols, constants)


class SympyLoss(Loss):
    """A loss made by `from_sympy`, where its parameters are described."""

    name = "SympyLoss"

    def __init__(
        self,
        expression: "sympy.Expr",
        symbols: "sympy.Symbol | Iterable[sympy.Symbol]",
        constants: LossConstants | None = None,
    ) -> None:
        self._symbols = _checked_symbols(symbols)
        self._expression = _checked_expression(expression, self._symbols)
        self._constants = known_constants(constants)
        self.dim = len(self._symbols)
        self._text = kernels(self._expression, self._symbols)

    def kernel_module(self) -> str:
        """Return the name of the generated module."""
        return load_source(self._text).__name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """One empty array: the numbers are part of the compiled code."""
        return (np.empty(0),)

    @property
    def constants(self) -> LossConstants:
        """What the user stated."""
        return self._constants

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the expression and the symbols, as given."""
        return self._expression, self._symbols

    def configuration(self) -> dict[str, Any]:
        """Return the expression, and a digest of the code made from it."""
        return {
            "name": self.name,
            "expression": str(self._expression),
            "symbols": [str(symbol) for symbol in self._symbols],
            "kernel": hashlib.sha256(self._text.encode()).hexdigest(),
        }


def kernels(expression: "sympy.Expr", symbols: "tuple[sympy.Symbol, ...]") -> str:
    """Return the text of the module with the two block functions."""
    from sdeopt.losses.sympy_reading import Reader
    from sdeopt.losses.sympy_slopes import Slopes

    reader = Reader(symbols)
    function = reader.read(expression)
    slopes = [Slopes(reader.graph, symbol).of(function) for symbol in reader.symbols]
    rows = [f"out[{d}, lane]" for d in range(len(symbols))]
    value = _function("value", [function], ["out[lane]"], len(symbols))
    return HEADER + value + _function("gradient", slopes, rows, len(symbols))


def _function(name: str, nodes: "list[Node]", places: list[str], dim: int) -> str:
    from sdeopt.losses.sympy_text import Emitter

    names = [f"x{d}" for d in range(dim)]
    emitter = Emitter(names, nodes)
    results = [emitter.write(node) for node in nodes]
    lines = [f"{variable} = x[{d}, lane]" for d, variable in enumerate(names)]
    before = [f"{held} = wave({amplitude})" for amplitude, held in emitter.waves.items()]
    if emitter.waves:
        lines.append("lost = np.uint64(0)")
    lines += emitter.lines
    table = rest = ""
    computed = {result: result for result in results if result[0] not in "0123456789(n"}
    if emitter.checks and computed:
        before.append("again = False")
        checks = [*emitter.checks, *(f"abs({result}) <= LARGE" for result in computed)]
        if emitter.waves:
            checks.append("is_lost(lost) == 0")
        lines += [f"good = {' & '.join(f'({check})' for check in checks)}", "again |= not good"]
        computed = {result: f"{result} if good else nan" for result in computed}
        table, rest = _again(name, nodes, places, results.index(next(iter(computed))))
    elif emitter.waves:
        computed = {result: f"choose_zero(is_lost(lost), {result}, nan)" for result in computed}
    results = [computed.get(result, result) for result in results]
    lines += [f"{place} = {result}" for place, result in zip(places, results, strict=True)]
    head = "".join(f"{line}\n    " for line in before)
    return table + FUNCTION.format(name=name, before=head, body="\n        ".join(lines)) + rest


def _again(name: str, nodes: "list[Node]", places: list[str], shown: int) -> tuple[str, str]:
    """Return the table of a formula, and the lines that use it where the result `shown` is NaN."""
    from sdeopt.losses.sympy_program import Table

    table = Table(nodes)
    assignments = [f"{place} = results[{d}]" for d, place in enumerate(places)]
    return TABLE.format(name=name, rows=table.rows, numbers=table.numbers), AGAIN.format(
        name=name,
        count=len(places),
        shown=places[shown],
        assignments="\n                ".join(assignments),
    )


def _checked_symbols(
    given: "sympy.Symbol | Iterable[sympy.Symbol]",
) -> "tuple[sympy.Symbol, ...]":
    import sympy

    try:
        symbols = (given,) if isinstance(given, sympy.Symbol) else tuple(given)
    except TypeError:
        symbols = ()
    distinct = len({str(symbol) for symbol in symbols}) == len(symbols) > 0
    if not distinct or not all(isinstance(symbol, sympy.Symbol) for symbol in symbols):
        raise InvalidArgumentError(
            f"symbols is {given!r:.80}, but must be sympy symbols of different names, one for each "
            "coordinate."
        )
    for symbol in symbols:
        narrowed = _narrowed(symbol)
        if narrowed:
            raise InvalidArgumentError(
                f"the symbol {symbol} is declared {narrowed}, but a coordinate takes every real "
                "value, and sympy has simplified with what was declared (Abs(x) to x, say); write "
                f"the expression with Symbol('{symbol}', real=True)."
            )
    return symbols


def _declared(symbol: "sympy.Symbol") -> str:
    """Return the assumptions that a symbol was made with, as they are written."""
    own = getattr(symbol, "_assumptions_orig", {})
    return ", ".join(f"{name}={value}" for name, value in own.items() if name != "commutative")


def _narrowed(symbol: "sympy.Symbol") -> str:
    """Return what a symbol is declared to be beyond a finite real number."""
    import sympy

    real = sympy.Symbol("x", real=True, finite=True).assumptions0.items()
    return _declared(symbol) or "with assumptions" if symbol.assumptions0.items() - real else ""


def _missing(given: "sympy.Expr", symbols: "tuple[sympy.Symbol, ...]") -> str:
    """Return the sentence on the symbols of an expression that are not listed."""
    listed = {str(symbol): symbol for symbol in symbols}
    missing = sorted(given.free_symbols - set(symbols), key=str)
    for symbol in missing:
        if str(symbol) in listed:
            words = [_declared(one) or "nothing" for one in (symbol, listed[str(symbol)])]
            return (
                f"two symbols are named {symbol} and differ in their assumptions: that of the "
                f"expression is declared {words[0]}, that of the list {words[1]}; use one symbol."
            )
    if not missing:
        return ""
    return (
        f"the expression contains {', '.join(map(str, missing))}, not among the symbols "
        f"{', '.join(listed)}; list it or put in a number."
    )


def _checked_expression(given: Any, symbols: "tuple[sympy.Symbol, ...]") -> "sympy.Expr":
    import sympy

    if isinstance(given, int | float):
        given = sympy.sympify(given)
    if not isinstance(given, sympy.Expr):
        raise InvalidArgumentError(
            f"expression is {given!r:.80}, but must be a scalar sympy expression."
        )
    missing = _missing(given, symbols)
    if missing:
        raise InvalidArgumentError(missing)
    if given.has(sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise InvalidArgumentError(
            f"the expression {given!s:.60} is not real and finite: it contains the imaginary "
            "unit, an infinity or an undefined number."
        )
    return given
