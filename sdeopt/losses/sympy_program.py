"""From the graph of a formula to the table that `sdeopt.kernels.recomputation` evaluates."""

from collections.abc import Sequence

from sdeopt.kernels.recomputation import COLUMNS, OPERATIONS
from sdeopt.losses.sympy_graph import Node, as_float, is_exact

CODES = {name: code for code, name in enumerate(OPERATIONS)}

Row = tuple[int, ...]


class Table:
    """The rows of some nodes and what they need, and the constants in them."""

    def __init__(self, results: Sequence[Node]) -> None:
        self.rows: list[Row] = []
        self.numbers: list[float] = [0.0]
        self._places: dict[Node, int] = {}
        for place, node in enumerate(results):
            self._add("result", self._place(node), place)

    def _add(self, operation: str, *operands: int) -> int:
        row = (CODES[operation], *operands)
        self.rows.append(row + (0,) * (COLUMNS - len(row)))
        return len(self.rows) - 1

    def _number(self, value: float) -> int:
        self.numbers.append(value)
        return len(self.numbers) - 1

    def _place(self, node: Node) -> int:
        if node not in self._places:
            self._places[node] = self._new(node)
        return self._places[node]

    def _new(self, node: Node) -> int:
        if node.kind == "number":
            return self._add("number", self._number(as_float(node.number)))
        if node.kind == "symbol":
            return self._add("symbol", node.number)
        places = [self._place(part) for part in node.parts]
        if node.kind == "power":
            return self._add("power", places[0], self._number(as_float(node.number)))
        if node.kind in ("sum", "product"):
            total, *others = places
            for other in others:
                total = self._add(node.kind, total, other)
            return total
        if node.kind in ("sin", "cos") and not is_exact(node.parts[0]):
            return self._add(f"turned_{node.kind}", *places)
        return self._add(node.kind, *places)
