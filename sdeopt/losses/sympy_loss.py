"""Losses from sympy expressions, compiled to the speed of the built-in ones."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.modules import load_source
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

HEADER = """\
from math import nan

import numpy as np

from sdeopt import math
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import choose_zero, fma
from sdeopt.kernels.waves import add_wave, is_lost, wave
"""

FUNCTION = """

@compiled
def {name}(x, parameters, out):
    {before}for lane in range(x.shape[1]):
        {body}
"""


def from_sympy(
    expression: "sympy.Expr",
    symbols: "sympy.Symbol | Iterable[sympy.Symbol]",
    constants: LossConstants | None = None,
) -> "SympyLoss":
    """Return the loss given by a sympy expression, differentiated and compiled.

    Parameters
    ----------
    expression : sympy.Expr
        Real, made of numbers, `symbols`, powers, exp, log, sqrt, and the trigonometric and
        hyperbolic functions.
    symbols : sympy.Symbol or iterable of sympy.Symbol
        The coordinates in order; one that is not in the expression is allowed.
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
        For symbols that are not listed, numbers that are not real, and functions that have no
        compiled form, by name.

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
        self._constants = constants if constants is not None else LossConstants()
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
    import sympy

    # with real symbols, so that derivatives of roots are real
    real = {symbol: sympy.Symbol(symbol.name, real=True) for symbol in symbols}
    function = expression.xreplace(real)
    slopes = [sympy.diff(function, symbol) for symbol in real.values()]
    names = {symbol: f"x{d}" for d, symbol in enumerate(real.values())}
    rows = [f"out[{d}, lane]" for d in range(len(symbols))]
    value = _function("value", [function], ["out[lane]"], names)
    return HEADER + value + _function("gradient", slopes, rows, names)


def _function(
    name: str, expressions: "list[sympy.Expr]", places: list[str], names: "dict[Any, str]"
) -> str:
    from sdeopt.losses.sympy_text import Emitter

    emitter = Emitter(names, expressions)
    results = [emitter.write(expression) for expression in expressions]
    lines = [f"{variable} = x[{d}, lane]" for d, variable in enumerate(names.values())]
    if emitter.waves:
        lines.append("lost = np.uint64(0)")
        results = [f"choose_zero(is_lost(lost), {result}, nan)" for result in results]
    lines += emitter.lines
    lines += [f"{place} = {result}" for place, result in zip(places, results, strict=True)]
    before = [f"{held} = wave({amplitude})\n    " for amplitude, held in emitter.waves.items()]
    return FUNCTION.format(name=name, before="".join(before), body="\n        ".join(lines))


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
    return symbols


def _checked_expression(given: Any, symbols: "tuple[sympy.Symbol, ...]") -> "sympy.Expr":
    import sympy

    if isinstance(given, int | float):
        given = sympy.sympify(given)
    if not isinstance(given, sympy.Expr):
        raise InvalidArgumentError(
            f"expression is {given!r:.80}, but must be a scalar sympy expression."
        )
    missing = sorted(str(symbol) for symbol in given.free_symbols - set(symbols))
    if missing:
        raise InvalidArgumentError(
            f"the expression contains {', '.join(missing)}, not among the symbols "
            f"{', '.join(str(symbol) for symbol in symbols)}; list it or put in a number."
        )
    if given.has(sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise InvalidArgumentError(
            f"the expression {given!s:.80} is not real and finite: it contains the imaginary "
            "unit, an infinity or an undefined number."
        )
    return given
