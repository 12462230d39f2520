"""Derivatives of formulas, in forms that neither overflow nor cancel where the formula does not."""

from collections.abc import Callable

import sympy

from sdeopt.losses.sympy_graph import Graph, Node

Rule = Callable[[Graph, Node, Node], Node]
"""The derivative of a function of u: (graph, the function's node, u) to the node of its slope."""


def _bell(graph: Graph, factor: int, u: Node) -> Node:
    """Return the slope of the error function times a factor of one half."""
    shrunk = graph.function("exp", graph.negative(graph.power(u, 2)))
    return graph.scaled(factor / sympy.sqrt(sympy.pi), shrunk)


RULES: dict[str, Rule] = {
    "exp": lambda g, f, u: f,
    "expm1": lambda g, f, u: g.function("exp", u),
    "log": lambda g, f, u: g.power(u, -1),
    "log1p": lambda g, f, u: g.power(g.sum([g.number(1), u]), -1),
    "sin": lambda g, f, u: g.function("cos", u),
    "cos": lambda g, f, u: g.negative(g.function("sin", u)),
    "sinh": lambda g, f, u: g.function("cosh", u),
    "cosh": lambda g, f, u: g.function("sinh", u),
    "tanh": lambda g, f, u: g.power(g.function("sech", u), 2),
    "sech": lambda g, f, u: g.negative(g.product([f, g.function("tanh", u)])),
    "log_cosh": lambda g, f, u: g.function("tanh", u),
    "softplus": lambda g, f, u: g.function("expit", u),
    "expit": lambda g, f, u: g.product([f, g.function("expit", g.negative(u))]),
    "atan": lambda g, f, u: g.power(g.sum([g.number(1), g.power(u, 2)]), -1),
    "erf": lambda g, f, u: _bell(g, 2, u),
    "erfc": lambda g, f, u: _bell(g, -2, u),
    "abs": lambda g, f, u: g.function("sign", u),
    "sign": lambda g, f, u: g.number(0),
    "step": lambda g, f, u: g.number(0),
}


class Slopes:
    """The derivatives of the nodes of a graph with respect to one symbol."""

    def __init__(self, graph: Graph, symbol: Node) -> None:
        self._graph = graph
        self._symbol = symbol
        self._known: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        """Return the derivative of a node."""
        if node not in self._known:
            self._known[node] = self._derived(node)
        return self._known[node]

    def _derived(self, node: Node) -> Node:
        graph = self._graph
        if node.kind in ("number", "symbol"):
            return graph.number(1 if node is self._symbol else 0)
        if node.kind == "undefined":
            return node
        if node.kind == "sum":
            return graph.sum([self.of(part) for part in node.parts])
        if node.kind == "product":
            return graph.sum([self._with_one_derived(node, i) for i in range(len(node.parts))])
        if node.kind == "power":
            base, exponent = node.parts[0], node.number
            outer = graph.scaled(exponent, graph.power(base, exponent - 1))
            return graph.product([outer, self.of(base)])
        if node.kind == "raised":
            return self._of_raised(node)
        if node.kind in ("larger", "smaller"):
            return self._of_extreme(node)
        if node.kind == "select":
            condition, yes, no = node.parts
            return self._unless_equal("select", [condition], [self.of(yes), self.of(no)])
        (argument,) = node.parts
        inner = self.of(argument)
        if inner.number == 0 and inner.kind == "number":
            return inner
        return graph.product([RULES[node.kind](graph, node, argument), inner])

    def _with_one_derived(self, product: Node, place: int) -> Node:
        """Return a product with one factor differentiated."""
        parts = list(product.parts)
        parts[place] = self.of(parts[place])
        return self._graph.product(parts)

    def _of_raised(self, node: Node) -> Node:
        graph, (base, exponent) = self._graph, node.parts
        by_exponent = graph.product([graph.function("log", base), self.of(exponent)])
        if base.kind == "number":
            by_exponent = graph.scaled(sympy.log(base.number), self.of(exponent))
        less = graph.raised(base, graph.sum([exponent, graph.number(-1)]))
        by_base = graph.product([exponent, less, self.of(base)])
        return graph.sum([graph.product([node, by_exponent]), by_base])

    def _of_extreme(self, node: Node) -> Node:
        """Return the derivative of the extreme operand; where both are equal, the mean of theirs."""
        one, other = node.parts
        order = [one, other] if node.kind == "larger" else [other, one]
        return self._unless_equal("pick", order, [self.of(one), self.of(other)])

    def _unless_equal(self, kind: str, by: list[Node], choices: list[Node]) -> Node:
        return choices[0] if choices[0] is choices[1] else self._graph.make(kind, *by, *choices)
