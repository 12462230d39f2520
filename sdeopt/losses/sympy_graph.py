"""A formula as a graph of the operations that kernels have, every one of them once.

The graph keeps a formula as it was written. What it changes loses no accuracy: numbers are combined
exactly, and forms that overflow or cancel, like log(1 + exp(u)), become the function that does not.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy

from sdeopt.errors import InvalidArgumentError

HALF = sympy.Rational(1, 2)
DIGITS = 40


@dataclass(frozen=True, eq=False)
class Node:
    """One operation: its kind, its operands, and the number or the place that belongs to it."""

    kind: str
    parts: tuple["Node", ...] = ()
    number: Any = None


class Graph:
    """Makes nodes; the same operation on the same operands is the same node."""

    def __init__(self) -> None:
        self._known: dict[Any, Node] = {}

    def make(self, kind: str, *parts: Node, number: Any = None) -> Node:
        """Return the node of an operation as it is."""
        key = kind, tuple(id(part) for part in parts), number
        if key not in self._known:
            self._known[key] = Node(kind, parts, number)
        return self._known[key]

    def number(self, value: Any) -> Node:
        """Return a constant; floating-point numbers become the fractions that they are."""
        value = sympy.sympify(value)
        if value.has(sympy.Float):
            value = value.xreplace({f: sympy.Rational(f) for f in value.atoms(sympy.Float)})
        return self.make("number", number=value)

    def negative(self, node: Node) -> Node:
        """Return −u."""
        return self.product([self.number(-1), node])

    def sum(self, terms: Iterable[Node]) -> Node:
        """Return a sum, like terms combined; a sum inside it is opened only if that costs nothing."""
        constant: Any = sympy.S.Zero
        shares: dict[Node, Any] = {}
        for term in self._opened(list(terms)):
            factor, rest = self.split(term)
            if rest is None:
                constant = constant + factor
            else:
                shares[rest] = shares.get(rest, sympy.S.Zero) + factor
        constant = self._without_cancellation(constant, shares)
        parts = [self.scaled(factor, rest) for rest, factor in shares.items() if factor != 0]
        if constant != 0:
            parts.insert(0, self.number(constant))
        if not parts:
            return self.number(0)
        return parts[0] if len(parts) == 1 else self.make("sum", *parts)

    def _opened(self, terms: list[Node]) -> list[Node]:
        """Open the sums among the terms that are made of exact terms only, or of no exact one.

        An inexact term is as wrong as what its addition adds to that, in any order. The sum of exact
        terms is exact in any order, unless their constants have more digits together.
        """
        opened: list[Node] = []
        for term in terms:
            kinds = {is_exact(part) for part in term.parts} if term.kind == "sum" else set()
            opened += term.parts if len(kinds) == 1 else (term,)
        constant = sympy.Add(*[part.number for part in opened if part.kind == "number"])
        return opened if is_float(constant) else terms

    def _without_cancellation(self, constant: Any, shares: dict[Node, Any]) -> Any:
        """Put expm1(u) for exp(u) − 1 and 2 sinh²(u/2) for cosh(u) − 1; return what is left."""
        for node in list(shares):
            if constant == 0 or shares[node] != -constant:
                continue
            if node.kind == "exp":
                better, factor = self.make("expm1", *node.parts), 1
            elif node.kind == "cosh":
                half = self.make("sinh", self.scaled(HALF, node.parts[0]))
                better, factor = self.power(half, 2), 2
            else:
                continue
            share = factor * shares.pop(node)
            shares[better] = shares.get(better, sympy.S.Zero) + share
            return sympy.S.Zero
        return constant

    def split(self, node: Node) -> tuple[Any, Node | None]:
        """Return the number in front of a term and the rest, None where it is a number."""
        if node.kind == "number":
            return node.number, None
        if node.kind == "product" and node.parts[0].kind == "number":
            rest = node.parts[1:]
            return node.parts[0].number, rest[0] if len(rest) == 1 else self.make("product", *rest)
        return sympy.S.One, node

    def scaled(self, factor: Any, node: Node) -> Node:
        """Return a number times a node."""
        return self.product([self.number(factor), node])

    def product(self, factors: Iterable[Node]) -> Node:
        """Return a product, powers of one base combined and the numbers in front."""
        constant: Any = sympy.S.One
        exponents: dict[Node, Any] = {}
        for factor in factors:
            for part in factor.parts if factor.kind == "product" else (factor,):
                if part.kind == "number":
                    constant = constant * part.number
                    continue
                base, exponent = (
                    (part.parts[0], part.number) if part.kind == "power" else (part, sympy.S.One)
                )
                exponents[base] = exponents.get(base, sympy.S.Zero) + exponent
        if constant == 0:
            return self.number(0)
        self._without_overflow(exponents)
        parts = [self.power(base, exponent) for base, exponent in exponents.items()]
        parts = [part for part in parts if not (part.kind == "number" and part.number == 1)]
        if constant != 1 or not parts:
            parts.insert(0, self.number(constant))
        return parts[0] if len(parts) == 1 else self.make("product", *parts)

    def _without_overflow(self, exponents: dict[Node, Any]) -> None:
        """Put σ(u) for exp(u) σ(−u), tanh(u) for sinh(u) sech(u), and 1 for cosh(u) sech(u)."""
        for node in list(exponents):
            if node.kind == "exp":
                partner = self.make("expit", self.negative(node.parts[0]))
                joint = self.make("expit", *node.parts)
            elif node.kind in ("sinh", "cosh"):
                partner = self.make("sech", *node.parts)
                joint = self.make("tanh", *node.parts) if node.kind == "sinh" else self.number(1)
            else:
                continue
            one, other = exponents.get(node, 0), exponents.get(partner, 0)
            if one > 0 and other > 0:
                shared = min(one, other)
                for each, change in ((node, -shared), (partner, -shared), (joint, shared)):
                    exponents[each] = exponents.get(each, sympy.S.Zero) + change

    def power(self, base: Node, exponent: Any) -> Node:
        """Return a power with a number as its exponent."""
        exponent = self.number(exponent).number
        if exponent == 0 or exponent == 1:
            return base if exponent == 1 else self.number(1)
        if base.kind == "number":
            return self.number(base.number**exponent)
        if base.kind == "power":
            inner = base.number
            if exponent.is_integer:
                return self.power(base.parts[0], inner * exponent)
            if inner.is_integer and inner % 2 == 0:
                return self.power(self.function("abs", base.parts[0]), inner * exponent)
        if exponent == -1 and base.kind == "product":
            return self.product([self.power(part, -1) for part in base.parts])
        if exponent.is_negative:
            if base.kind == "cosh":
                return self.power(self.make("sech", *base.parts), -exponent)
            grown = self._grown_above_one(base)
            if grown is not None:
                shrunk = self.make("expit", self.negative(grown))
                return self.power(shrunk, -exponent)
        return self.make("power", base, number=exponent)

    def raised(self, base: Node, exponent: Node) -> Node:
        """Return a power with any exponent."""
        if exponent.kind == "number":
            return self.power(base, exponent.number)
        return self.make("raised", base, exponent)

    def function(self, kind: str, argument: Node) -> Node:
        """Return a function of one argument in its stable form."""
        if kind == "exp" and argument.kind == "log":
            return argument.parts[0]
        if kind == "abs" and argument.kind in ("abs", "exp", "cosh", "sech", "expit", "erfc"):
            return argument
        if kind == "log":
            if argument.kind == "exp":
                return argument.parts[0]
            if argument.kind == "cosh":
                return self.make("log_cosh", *argument.parts)
            grown = self._grown_above_one(argument)
            if grown is not None:
                return self.make("softplus", grown)
            if _has_one(argument):
                return self.make("log1p", self.sum(argument.parts[1:]))
        return self.make(kind, argument)

    def _grown_above_one(self, node: Node) -> Node | None:
        """Return u of 1 + exp(u)."""
        if _has_one(node) and len(node.parts) == 2:
            return node.parts[1].parts[0] if node.parts[1].kind == "exp" else None
        return None


@functools.lru_cache(maxsize=10_000)
def as_float(number: sympy.Expr) -> float:
    """Return the float64 nearest to a constant, which must be real and finite."""
    if number.is_Rational:
        try:
            return int(number.p) / int(number.q)
        except OverflowError:
            value = complex(float("inf"))
    else:
        value = complex(sympy.N(number, DIGITS))
    if value.imag != 0.0 or not abs(value) < float("inf"):
        raise InvalidArgumentError(
            f"the expression contains {number!s:.60}, which is not a finite real number."
        )
    return value.real


def is_float(number: sympy.Expr) -> bool:
    """Return whether a constant is a float64 without rounding."""
    if not number.is_Rational:
        return False
    try:
        return bool(sympy.Rational(as_float(number)) == number)
    except InvalidArgumentError:
        return False


def _has_one(node: Node) -> bool:
    """Return whether a node is 1 plus something."""
    first = node.parts[0] if node.kind == "sum" else node
    return node.kind == "sum" and first.kind == "number" and bool(first.number == 1)


def _all_exact(nodes: Iterable[Node]) -> bool:
    return all(is_exact(node) for node in nodes)


def is_exact(node: Node) -> bool:
    """Return whether a node is computed without any rounding."""
    if node.kind == "number":
        return is_float(node.number)
    if node.kind == "symbol":
        return True
    if node.kind in ("sign", "step", "less", "at_most", "equal", "both", "either", "not"):
        return True
    if node.kind == "abs":
        return is_exact(node.parts[0])
    if node.kind in ("larger", "smaller", "select"):
        return _all_exact(node.parts)
    if node.kind == "product" and len(node.parts) == 2 and node.parts[0].kind == "number":
        return _is_power_of_two(node.parts[0].number) and is_exact(node.parts[1])
    return False


def _is_power_of_two(number: sympy.Expr) -> bool:
    if not is_float(number):
        return False
    large, small = abs(int(number.p)), int(number.q)
    return large & (large - 1) == 0 == small & (small - 1)
