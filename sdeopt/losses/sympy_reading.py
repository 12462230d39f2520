"""From sympy expressions to the graphs that become kernels."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair

from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.sympy_graph import HALF, Graph, Node, as_float

ONE_TO_ONE: dict[type, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.sech: "sech",
    sympy.atan: "atan",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    sympy.Abs: "abs",
    sympy.sign: "sign",
}

IN_OTHER_WORDS: dict[type, Callable[[Graph, Node], Node]] = {
    sympy.tan: lambda g, u: g.product([g.function("sin", u), g.power(g.function("cos", u), -1)]),
    sympy.cot: lambda g, u: g.product([g.function("cos", u), g.power(g.function("sin", u), -1)]),
    sympy.sec: lambda g, u: g.power(g.function("cos", u), -1),
    sympy.csc: lambda g, u: g.power(g.function("sin", u), -1),
    sympy.coth: lambda g, u: g.power(g.function("tanh", u), -1),
    sympy.csch: lambda g, u: g.power(g.function("sinh", u), -1),
}

EXTREMES: dict[type, str] = {sympy.Max: "larger", sympy.Min: "smaller"}

COMPARISONS: dict[type, tuple[str, bool, bool]] = {
    sympy.StrictLessThan: ("less", False, False),
    sympy.LessThan: ("at_most", False, False),
    sympy.StrictGreaterThan: ("less", True, False),
    sympy.GreaterThan: ("at_most", True, False),
    sympy.Equality: ("equal", False, False),
    sympy.Unequality: ("equal", False, True),
}
"""The kind of a comparison, whether its sides are exchanged, and whether it is negated."""

OFFERED = (
    "powers, sqrt, exp, log, erf, erfc, atan, Abs, sign, Max, Min, Heaviside, Piecewise, and the "
    "trigonometric and hyperbolic functions"
)


class Reader:
    """Reads expressions in some symbols into one graph."""

    def __init__(self, symbols: Sequence[sympy.Symbol]) -> None:
        self.graph = Graph()
        self.symbols = [self.graph.make("symbol", number=d) for d in range(len(symbols))]
        self._known: dict[Any, Node] = dict(zip(symbols, self.symbols, strict=True))

    def read(self, expression: sympy.Expr) -> Node:
        """Return the node of an expression."""
        if expression not in self._known:
            self._known[expression] = self._new(expression)
        return self._known[expression]

    def _new(self, expression: sympy.Expr) -> Node:
        graph, kind = self.graph, type(expression)
        if isinstance(expression, sympy.Expr) and expression.is_number:
            as_float(expression)  # refuses what is not a finite real number
            return graph.number(expression)
        if kind is sympy.Add:
            return graph.sum([self.read(part) for part in expression.args])
        if kind is sympy.Mul:
            return graph.product([self.read(part) for part in expression.args])
        if kind is sympy.Pow:
            return graph.raised(*[self.read(part) for part in expression.args])
        if kind is sympy.UnevaluatedExpr:
            return self.read(expression.args[0])
        if kind in ONE_TO_ONE and len(expression.args) == 1:
            return graph.function(ONE_TO_ONE[kind], self.read(expression.args[0]))
        if kind in IN_OTHER_WORDS:
            return IN_OTHER_WORDS[kind](graph, self.read(expression.args[0]))
        if kind in EXTREMES:
            parts = [self.read(part) for part in expression.args]
            return reduce(lambda one, other: graph.make(EXTREMES[kind], one, other), parts)
        if kind is sympy.Heaviside:
            return self._step(*expression.args)
        if kind is sympy.Piecewise:
            return self._pieces(expression.args)
        raise InvalidArgumentError(
            f"the expression contains {kind.__name__} in {expression!s:.60}, which from_sympy "
            f"cannot compile; write it with {OFFERED}, or use from_functions."
        )

    def _step(self, argument: sympy.Expr, at_zero: sympy.Expr) -> Node:
        graph, inside = self.graph, self.read(argument)
        if at_zero == HALF:
            return graph.function("step", inside)
        zero = graph.number(0)
        after = graph.make("select", graph.make("less", zero, inside), graph.number(1), zero)
        return graph.make("select", graph.make("equal", inside, zero), self.read(at_zero), after)

    def _pieces(self, pieces: Sequence[ExprCondPair]) -> Node:
        """Return nested choices; where no condition holds, the number is undefined."""
        rest = self.graph.make("undefined")
        for value, condition in reversed(pieces):
            node = self.read(value)
            rest = (
                node
                if condition == sympy.true
                else self.graph.make("select", self._condition(condition), node, rest)
            )
        return rest

    def _condition(self, condition: Any) -> Node:
        graph, kind = self.graph, type(condition)
        if kind in COMPARISONS:
            name, exchanged, negated = COMPARISONS[kind]
            sides = [self.read(side) for side in condition.args]
            node = graph.make(name, *(reversed(sides) if exchanged else sides))
            return graph.make("not", node) if negated else node
        if kind is sympy.Not:
            return graph.make("not", self._condition(condition.args[0]))
        if kind in (sympy.And, sympy.Or):
            parts = [self._condition(part) for part in condition.args]
            name = "both" if kind is sympy.And else "either"
            return reduce(lambda one, other: graph.make(name, one, other), parts)
        raise InvalidArgumentError(
            f"the condition {condition!s:.60} of a Piecewise cannot be compiled; write it with "
            "<, <=, >, >=, Eq, Ne, And, Or and Not of expressions."
        )
