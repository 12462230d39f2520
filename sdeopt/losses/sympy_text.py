"""From sympy expressions to the text of vectorizing kernel code."""

from collections.abc import Callable, Iterable

import sympy

from sdeopt.errors import InvalidArgumentError

ONE_TO_ONE: dict[type, str] = {
    sympy.exp: "math.exp",
    sympy.log: "math.log",
    sympy.tanh: "math.tanh",
}

WAVES = (sympy.sin, sympy.cos)

IN_OTHER_WORDS: dict[type, Callable[[sympy.Expr], sympy.Expr]] = {
    sympy.tan: lambda u: sympy.sin(u) / sympy.cos(u),
    sympy.cot: lambda u: sympy.cos(u) / sympy.sin(u),
    sympy.sec: lambda u: 1 / sympy.cos(u),
    sympy.csc: lambda u: 1 / sympy.sin(u),
    sympy.sinh: lambda u: (sympy.exp(u) - sympy.exp(-u)) / 2,
    sympy.cosh: lambda u: (sympy.exp(u) + sympy.exp(-u)) / 2,
    sympy.coth: lambda u: 1 / sympy.tanh(u),
    sympy.sech: lambda u: 2 / (sympy.exp(u) + sympy.exp(-u)),
    sympy.csch: lambda u: 2 / (sympy.exp(u) - sympy.exp(-u)),
}


class Emitter:
    """Writes expressions as assignments, each subexpression once.

    Sines and cosines collect in the variable `lost` whether their angle was too large to be known
    (`sdeopt.kernels.waves.is_lost`); it must be zero before the first line.
    """

    def __init__(
        self, names: dict[sympy.Symbol, str], expressions: Iterable[sympy.Expr] = ()
    ) -> None:
        self.lines: list[str] = []
        self.waves: dict[str, str] = {}
        self._expressions = tuple(expressions)
        self._names = names
        self._known: dict[str, str] = {}

    def write(self, expression: sympy.Expr) -> str:
        """Return the variable or literal that holds the expression, writing lines for it."""
        if isinstance(expression, sympy.Symbol):
            return self._names[expression]
        if expression.is_number:
            return _literal(expression)
        kind = type(expression)
        if kind is sympy.Add:
            return self._sum(expression)
        if kind is sympy.Mul:
            return self._product(expression)
        if kind is sympy.Pow:
            return self._power(expression.base, expression.exp)
        if kind in WAVES:
            return self._wave("0.0", sympy.S.One, expression)
        if kind in ONE_TO_ONE:
            return self._line(f"{ONE_TO_ONE[kind]}({self.write(expression.args[0])})")
        if kind in IN_OTHER_WORDS:
            return self.write(IN_OTHER_WORDS[kind](expression.args[0]))
        raise InvalidArgumentError(
            f"the expression contains {kind.__name__} in {expression!s:.60}, which from_sympy "
            "cannot compile; write it with powers, exp, log, sqrt, and the trigonometric and "
            "hyperbolic functions, or use from_functions."
        )

    def _wave(self, total: str, amplitude: sympy.Expr, wave: sympy.Expr) -> str:
        """Add a sine or cosine; its angle is in half turns, the frequency divided beforehand."""
        factor, rest = wave.args[0].as_coeff_Mul()
        turns = self._line(f"{_literal(factor / sympy.pi)} * {self.write(rest)}")
        quarter = " + 0.5" if isinstance(wave, sympy.cos) else ""
        held = self.waves.setdefault(_literal(amplitude), f"wave_{len(self.waves)}")
        return self._line(f"add_wave({total}, {held}, {turns}{quarter}, lost)", also="lost")

    def _line(self, text: str, also: str | None = None) -> str:
        """Return the variable that holds the value of `text`, or the first of two values."""
        if text not in self._known:
            held = self._known[text] = f"t{len(self._known)}"
            self.lines.append(f"{held}{', ' + also if also else ''} = {text}")
        return self._known[text]

    def _sum(self, expression: sympy.Expr) -> str:
        """Write a sum as a chain of fused multiply-adds, its polynomials nested as Horner's."""
        nested = sympy.Add(*_nested(expression.args))
        terms = sorted(
            sympy.Add.make_args(nested), key=lambda term: (isinstance(term, sympy.Mul), str(term))
        )
        total = ""
        for term in terms:
            total = self._added(total, term) if total else self._begun(term)
        return total

    def _begun(self, term: sympy.Expr) -> str:
        """Write the first term of a sum."""
        return self._added("0.0", term) if self._is_lone_wave(term) else self.write(term)

    def _added(self, total: str, term: sympy.Expr) -> str:
        if self._is_lone_wave(term):
            return self._wave(total, *term.as_coeff_Mul())
        if isinstance(term, sympy.Mul):
            first, rest = _split(term)
            return self._line(f"fma({self.write(first)}, {self.write(rest)}, {total})")
        return self._line(f"{total} + {self.write(term)}")

    def _is_lone_wave(self, term: sympy.Expr) -> bool:
        """Return whether the term is a number times a wave that occurs once."""
        wave = term.as_coeff_Mul()[1]
        return isinstance(wave, WAVES) and sum(e.count(wave) for e in self._expressions) == 1

    def _product(self, expression: sympy.Expr) -> str:
        numerator, denominator = sympy.fraction(expression)
        if denominator != 1:
            return self._line(f"{self.write(numerator)} / {self.write(denominator)}")
        return self._chain(" * ", (self.write(factor) for factor in expression.args))

    def _chain(self, operator: str, parts: Iterable[str]) -> str:
        result, *rest = parts
        for part in rest:
            result = self._line(f"{result}{operator}{part}")
        return result

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> str:
        if exponent.is_number and exponent.is_negative:
            return self._line(f"1.0 / {self._power(base, -exponent)}")
        if exponent.is_Integer:
            return self._whole_power(self.write(base), int(exponent))
        half = exponent - sympy.Rational(1, 2)
        if half.is_Integer:
            root = self._line(f"math.sqrt({self.write(base)})")
            return self._line(f"{root} * {self._power(base, half)}") if half else root
        return self._line(f"{self.write(base)} ** {self.write(exponent)}")

    def _whole_power(self, base: str, exponent: int) -> str:
        if exponent == 1:
            return base
        if exponent % 2:
            return self._line(f"{base} * {self._whole_power(base, exponent - 1)}")
        half = self._whole_power(base, exponent // 2)
        return self._line(f"{half} * {half}")


def _nested(terms: Iterable[sympy.Expr]) -> list[sympy.Expr]:
    """Return the terms with those that are polynomials in one same symbol nested into one."""
    rest: list[sympy.Expr] = []
    polynomials: dict[sympy.Symbol, list[sympy.Expr]] = {}
    for term in terms:
        symbols = list(term.free_symbols)
        if len(symbols) == 1 and term.is_polynomial(symbols[0]):
            polynomials.setdefault(symbols[0], []).append(term)
        else:
            rest.append(term)
    return rest + [sympy.horner(sympy.Add(*group)) for group in polynomials.values()]


def _split(product: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Return two factors of a product: its number, if it has one, and the rest."""
    first, rest = product.as_coeff_Mul()
    if first == 1:
        first, rest = product.as_two_terms()
    return first, rest


def _literal(number: sympy.Expr) -> str:
    value = complex(number)
    if value.imag != 0.0 or not abs(value) < float("inf"):
        raise InvalidArgumentError(
            f"the expression contains {number!s:.60}, which is not a finite real number."
        )
    return repr(value.real) if value.real >= 0.0 else f"({value.real!r})"
