"""From the graph of a formula to the text of vectorizing kernel code."""

from collections import Counter
from collections.abc import Iterable, Sequence

import sympy

from sdeopt.losses.sympy_graph import HALF, Node, as_float, is_exact
from sdeopt.losses.sympy_terms import (
    MOST_SQUARINGS,
    base_of,
    factor_of,
    front_of,
    is_divisor,
    monomial,
    with_terms_of,
)

WAVES = ("sin", "cos")

CALLS = {
    **{
        name: f"math.{name}"
        for name in ("exp", "expm1", "log", "log1p", "atan", "erf", "erfc", "tanh")
    },
    **{name: f"math.{name}" for name in ("sinh", "cosh", "expit", "softplus", "log_cosh", "sech")},
    "abs": "abs",
    "sign": "sign",
    "step": "step",
    "larger": "larger",
    "smaller": "smaller",
    "pick": "pick",
}

CONDITIONS = {
    "less": "({} < {})",
    "at_most": "({} <= {})",
    "equal": "({} == {})",
    "both": "({} & {})",
    "either": "({} | {})",
    "not": "(not {})",
}

ZERO_ON_PURPOSE = ("larger", "smaller", "abs", "sign", "step", "select")
"""Kinds that are zero on whole regions, so that a zero says nothing of an underflow."""

GROWING = ("exp", "expm1", "sinh", "cosh")
SHRINKING = ("exp", "expit", "sech", "softplus", "erfc")
NEVER_ZERO = (*SHRINKING, "cosh")


class Emitter:
    """Writes nodes as assignments, each once.

    Sines and cosines of rounded angles collect in the variable `lost` whether the angle was too large
    to be known (`sdeopt.kernels.waves.is_lost`); it must be zero before the first line. `checks` are
    the conditions under which no intermediate result left the range of float64.
    """

    def __init__(self, names: Sequence[str], results: Iterable[Node] = ()) -> None:
        self.lines: list[str] = []
        self.waves: dict[str, str] = {}
        self.checks: list[str] = []
        self._names = names
        self._uses = _uses(results)
        self._known: dict[str, str] = {}
        self._held: dict[Node, str] = {}

    def write(self, node: Node) -> str:
        """Return the variable or literal that holds a node, writing lines for it."""
        if node not in self._held:
            self._held[node] = self._new(node)
        return self._held[node]

    def _new(self, node: Node) -> str:
        if node.kind == "symbol":
            return self._names[int(node.number)]
        if node.kind == "number":
            return literal(node.number)
        if node.kind == "undefined":
            return "nan"
        if node.kind == "sum":
            return self._sum(node)
        if node.kind == "product":
            return self._product(node)
        if node.kind == "power":
            return self._power(node.parts[0], node.number)
        if node.kind in WAVES:
            return self._wave("0.0", sympy.S.One, node)
        parts = [self.write(part) for part in node.parts]
        if node.kind in CONDITIONS:
            return self._line(CONDITIONS[node.kind].format(*parts))
        if node.kind == "select":
            return self._line(f"{parts[1]} if {parts[0]} else {parts[2]}")
        if node.kind == "raised":
            return self._line(f"{self._checked(node.parts[0])} ** {parts[1]}")
        if node.kind == "log":
            return self._line(f"math.log({self._checked(node.parts[0])})")
        if node.kind == "log1p":
            self._check(f"abs({parts[0]}) <= LARGE")
        return self._line(f"{CALLS[node.kind]}({', '.join(parts)})")

    def _line(self, text: str, also: str | None = None) -> str:
        """Return the variable that holds the value of `text`, or the first of two values."""
        if text not in self._known:
            held = self._known[text] = f"t{len(self._known)}"
            self.lines.append(f"{held}{', ' + also if also else ''} = {text}")
        return self._known[text]

    def _check(self, condition: str) -> None:
        """Note a condition; it says nothing of a number in the formula itself."""
        constant = condition.rpartition("(")[2][0] in "0123456789-"
        if condition not in self.checks and not constant:
            self.checks.append(condition)

    def _checked(self, node: Node) -> str:
        """Write a node that must not have left the range of float64: a root's, say."""
        held = self.write(node)
        if node.kind not in ("symbol", "number"):
            name = "is_within_or_zero" if node.kind in ZERO_ON_PURPOSE else "is_within"
            self._check(f"{name}({held})")
        return held

    def _wave(self, total: str, amplitude: sympy.Expr, wave: Node) -> str:
        """Add a sine or cosine of a rounded angle, in half turns, its frequency divided beforehand."""
        angle = wave.parts[0]
        if is_exact(angle):
            held = self.write(angle)
            self._check(f"abs({held}) <= math.LARGEST_ANGLE")
            return self._line(f"math.{wave.kind}({held})")
        factor, rest = factor_of(angle)
        turns = self._line(f"{literal(factor / sympy.pi)} * {self._times(rest)}")
        quarter = " + 0.5" if wave.kind == "cos" else ""
        held = self.waves.setdefault(literal(amplitude), f"wave_{len(self.waves)}")
        return self._line(f"add_wave({total}, {held}, {turns}{quarter}, lost)", also="lost")

    def _sum(self, node: Node) -> str:
        """Write a sum: what is exact first, then waves, the rest, and nested polynomials.

        Every other term has a rounding error of its own, which is as large as that of adding it, so
        their order and their nesting cost no accuracy.
        """
        exact = [part for part in node.parts if is_exact(part)]
        rest = [part for part in node.parts if not is_exact(part)]
        # in an order that does not depend on how the sum came about
        rest.sort(key=lambda part: (part.kind != "number", part.kind == "product", front_of(part)))
        polynomials: dict[Node, dict[int, sympy.Expr]] = {}
        total = self._exact_sum(exact)
        if not exact and rest[0].kind == "number":
            total = self.write(rest.pop(0))
        others = []
        for part in sorted(rest, key=lambda part: not self._is_lone_wave(part)):
            symbol, degree = monomial(part)
            if symbol is not None:
                polynomials.setdefault(symbol, {})[degree] = factor_of(part)[0]
            elif self._is_lone_wave(part):
                total = self._added(total, part)
            else:
                others.append(part)
        for part in others:
            total = self._added(total, part)
        for symbol, coefficients in polynomials.items():
            total = self._polynomial(total, self.write(symbol), coefficients)
        return total

    def _exact_sum(self, parts: list[Node]) -> str:
        """Add terms without error; three or more with the rounding of each addition kept."""
        if not parts:
            return ""
        total, *others = [self.write(part) for part in parts]
        if len(others) < 2:
            return self._line(f"{total} + {others[0]}") if others else total
        low = "0.0"
        for other in others:
            before, total = total, self._line(f"{total} + {other}")
            low = self._line(f"{low} + rounding({before}, {other}, {total})")
        return self._line(f"{total} + {low}")

    def _polynomial(self, total: str, symbol: str, coefficients: dict[int, sympy.Expr]) -> str:
        """Add a polynomial of one symbol as nested products."""
        degree, *lower = sorted(coefficients, reverse=True)
        nested = literal(coefficients[degree])
        for next_degree in [*lower, 0]:
            power = self._whole_power(symbol, degree - next_degree)
            last = total if next_degree == 0 else literal(coefficients[next_degree])
            if nested == "1.0":
                nested = self._line(f"{power} + {last}") if last else power
            elif last:
                nested = self._line(f"fma({power}, {nested}, {last})")
            else:
                nested = self._line(f"{power} * {nested}")
            degree = next_degree
        return nested

    def _added(self, total: str, term: Node) -> str:
        if self._is_lone_wave(term):
            factor, (wave,) = factor_of(term)
            return self._wave(total or "0.0", factor, wave)
        if not total:
            return self.write(term)
        factor, rest = factor_of(term)
        if factor != 1:
            return self._line(f"fma({literal(factor)}, {self._times(rest)}, {total})")
        if len(rest) > 1 and not any(is_divisor(part) for part in rest):
            return self._line(f"fma({self.write(rest[0])}, {self._times(rest[1:])}, {total})")
        return self._line(f"{total} + {self.write(term)}")

    def _is_lone_wave(self, term: Node) -> bool:
        """Return whether the term is a number times a wave of a rounded angle that stands once."""
        rest = factor_of(term)[1]
        wave = rest[0] if rest else term
        return (
            len(rest) == 1
            and wave.kind in WAVES
            and not is_exact(wave.parts[0])
            and self._uses[wave] == self._uses[term] == 1
        )

    def _product(self, node: Node) -> str:
        factor, rest = factor_of(node)
        above = [part for part in rest if not is_divisor(part)]
        below = [self._inverse(part) for part in rest if is_divisor(part)]
        front = [literal(factor)] if factor != 1 or not above else []
        self._check_balance(above)
        numerator = self._chain(front + [self.write(part) for part in above])
        if not below:
            return numerator
        if len(above) > 1 or not (above and above[0].kind == "symbol"):
            self._check(f"is_within_or_zero({numerator})")
        denominator = self._chain(below)
        if len(below) > 1:
            self._check(f"is_within({denominator})")
        if above and all(base_of(part).kind in NEVER_ZERO for part in above):
            self._check(f"({numerator} != 0.0) | (abs({denominator}) >= 1.0)")
        return self._line(f"{numerator} / {denominator}")

    def _check_balance(self, factors: Sequence[Node]) -> None:
        """Check that none of these factors is lost, an exponential, where another makes up for it."""
        for growing in (part for part in factors if any(with_terms_of(GROWING, part))):
            for shrinking in (part for part in factors if all(with_terms_of(SHRINKING, part))):
                if shrinking is not growing:
                    large, small = self.write(growing), self.write(shrinking)
                    self._check(f"abs({large}) <= LARGE")
                    self._check(f"is_within({small}) | (abs({large}) <= 1.0)")

    def _times(self, parts: Sequence[Node]) -> str:
        """Write the product of some factors."""
        return self._product(Node("product", tuple(parts)))

    def _chain(self, parts: Sequence[str]) -> str:
        result, *rest = parts
        for part in rest:
            result = self._line(f"{result} * {part}")
        return result

    def _inverse(self, divisor: Node) -> str:
        """Write the base of a negative power to its positive one."""
        base, exponent = divisor.parts[0], -divisor.number
        self._checked(base)
        held = self._power(base, exponent)
        if held not in self._names:
            self._check(f"is_within({held})")
        return held

    def _power(self, base: Node, exponent: sympy.Expr) -> str:
        if exponent.is_negative:
            return self._line(f"1.0 / {self._inverse(Node('power', (base,), exponent))}")
        if exponent.is_Integer and exponent <= MOST_SQUARINGS:
            return self._whole_power(self.write(base), int(exponent))
        half = exponent - HALF
        if half.is_Integer and half <= MOST_SQUARINGS:
            root = self._line(f"math.sqrt({self._checked(base)})")
            return self._line(f"{root} * {self._power(base, half)}") if half else root
        return self._line(f"{self._checked(base)} ** {literal(exponent)}")

    def _whole_power(self, base: str, exponent: int) -> str:
        if exponent == 1:
            return base
        if exponent % 2:
            return self._line(f"{base} * {self._whole_power(base, exponent - 1)}")
        half = self._whole_power(base, exponent // 2)
        return self._line(f"{half} * {half}")


def literal(number: sympy.Expr) -> str:
    """Return the float64 nearest to a constant as text."""
    value = as_float(number)
    return repr(value) if value >= 0.0 else f"({value!r})"


def _uses(results: Iterable[Node]) -> Counter[Node]:
    """Return how often each node is an operand or a result."""
    counted: Counter[Node] = Counter()
    waiting = list(results)
    while waiting:
        node = waiting.pop()
        counted[node] += 1
        if counted[node] == 1:
            waiting += node.parts
    return counted
