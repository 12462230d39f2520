"""What the terms and factors of a formula are made of."""

from collections.abc import Iterable, Sequence

import sympy

from sdeopt.losses.sympy_graph import Node, as_float

MOST_SQUARINGS = 1024
"""Whole powers beyond this are not made of products, whose roundings add up."""


def factor_of(term: Node) -> tuple[sympy.Expr, tuple[Node, ...]]:
    """Return the number in front of a term, and its other factors."""
    if term.kind != "product":
        return sympy.S.One, (term,)
    if term.parts[0].kind == "number":
        return term.parts[0].number, term.parts[1:]
    return sympy.S.One, term.parts


def front_of(term: Node) -> str:
    """Return the number in front of a term as text, nothing for 1."""
    factor = factor_of(term)[0]
    return "" if factor == 1 else repr(as_float(factor))


def is_divisor(node: Node) -> bool:
    """Return whether a factor stands below the line."""
    return node.kind == "power" and bool(node.number.is_negative)


def base_of(node: Node) -> Node:
    """Return what a power is a power of, or else the node."""
    return node.parts[0] if node.kind == "power" else node


def with_terms_of(kinds: Sequence[str], node: Node) -> Iterable[bool]:
    """Return for each term of a sum, or operand of an extreme, whether it has such a factor."""
    base = base_of(node)
    terms = base.parts if base.kind in ("sum", "larger", "smaller") else (base,)
    return (any(base_of(part).kind in kinds for part in factor_of(term)[1]) for term in terms)


def monomial(term: Node) -> tuple[Node | None, int]:
    """Return the symbol and the degree of a number times a power of a symbol."""
    rest = factor_of(term)[1]
    if len(rest) == 1 and rest[0].kind == "symbol":
        return rest[0], 1
    if len(rest) == 1 and rest[0].kind == "power" and rest[0].parts[0].kind == "symbol":
        degree = rest[0].number
        if degree.is_Integer and 0 < degree <= MOST_SQUARINGS:
            return rest[0].parts[0], int(degree)
    return None, 0
