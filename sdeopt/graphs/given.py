"""Graphs that the user gives: a matrix of weights, or a networkx graph."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import finite_array, square_matrix
from sdeopt.errors import InvalidArgumentError
from sdeopt.graphs.graph import FixedGraph, check_weighting, in_order, weights_of

if TYPE_CHECKING:
    import networkx

ROUNDING = 1e-9
"""How far from one a row of weights may sum."""


@dataclass(frozen=True, eq=False)
class Weights(FixedGraph):
    """A row-stochastic matrix of one's own, as it is given.

    Parameters
    ----------
    matrix : array_like or scipy.sparse array
        W: entry (i, j) is the weight of agent j in what agent i receives. Entries of at least 0; every
        row sums to 1.

    Attributes
    ----------
    starts, columns, values : numpy.ndarray
        The matrix in compressed rows: row i has the entries ``values[starts[i]:starts[i + 1]]`` in the
        columns ``columns[starts[i]:starts[i + 1]]``.

    Examples
    --------
    A chain in which each agent receives from the one before it:

    >>> from sdeopt.graphs import Weights
    >>> Weights([[1, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]]).weights(3).nnz
    5
    >>> Weights([[0.5, 0.4], [0.5, 0.5]])
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: row 0 of graphs.Weights sums to 0.9, but must sum to 1; \
divide it by its sum.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]

    def __init__(self, matrix: "ArrayLike | scipy.sparse.sparray") -> None:
        name = "the matrix of graphs.Weights"
        given: Any = matrix
        rows: Any
        if scipy.sparse.issparse(matrix):
            rows = scipy.sparse.csr_array(given)
            finite_array(rows.data, name)
            if rows.shape[0] != rows.shape[1]:
                raise InvalidArgumentError(f"{name} has shape {rows.shape}, but must be square.")
        else:
            rows = scipy.sparse.csr_array(square_matrix(given, name))
        rows = in_order(rows)
        if rows.nnz and rows.data.min() < 0.0:
            raise InvalidArgumentError(
                f"{name} has the entry {rows.data.min():g}, but none may be negative: agents that "
                "repel each other are no method."
            )
        sums = rows.sum(axis=1)
        worst = int(np.argmax(np.abs(sums - 1.0)))
        if abs(sums[worst] - 1.0) > ROUNDING:
            raise InvalidArgumentError(
                f"row {worst} of graphs.Weights sums to {sums[worst]:.10g}, but must sum to 1; "
                "divide it by its sum."
            )
        _keep(self, rows)

    def check(self, agents: int) -> None:
        """Refuse another number of agents than the matrix has rows."""
        _check_size("graphs.Weights", len(self.starts) - 1, agents)

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the given matrix."""
        self.check(agents)
        shape = (agents, agents)
        return scipy.sparse.csr_array((self.values, self.columns, self.starts), shape=shape)


@dataclass(frozen=True, eq=False)
class FromNetworkx(FixedGraph):
    """An undirected graph of networkx; agent i is its i-th node.

    Parameters
    ----------
    graph : networkx.Graph
        Weights of its edges and loops are not used: for weights of your own give a matrix to
        `Weights`.
    weighting : {"uniform", "metropolis"}
        See `sdeopt.graphs.graph`.

    Attributes
    ----------
    starts, columns, values : numpy.ndarray
        W in compressed rows, as in `Weights`.

    Examples
    --------
    >>> import networkx
    >>> from sdeopt.graphs import FromNetworkx
    >>> FromNetworkx(networkx.path_graph(3)).weights(3).toarray().round(2)
    array([[0.5 , 0.5 , 0.  ],
           [0.33, 0.33, 0.33],
           [0.  , 0.5 , 0.5 ]])
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    weighting: str

    def __init__(self, graph: "networkx.Graph[Any]", weighting: str = "uniform") -> None:
        check_weighting(weighting)
        if not all(hasattr(graph, name) for name in ("nodes", "edges", "is_directed")):
            raise InvalidArgumentError(
                f"graphs.FromNetworkx was given {type(graph).__name__}, but takes a networkx.Graph; "
                "for a matrix use graphs.Weights."
            )
        if graph.is_directed() or not len(graph.nodes):
            raise InvalidArgumentError(
                "graphs.FromNetworkx takes an undirected graph with nodes; for one-sided links give "
                "a matrix to graphs.Weights."
            )
        number = {node: place for place, node in enumerate(graph.nodes)}
        pairs = [(number[edge[0]], number[edge[1]]) for edge in graph.edges if edge[0] != edge[1]]
        ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        _keep(self, weights_of(ends, len(number), weighting))
        object.__setattr__(self, "weighting", weighting)

    def check(self, agents: int) -> None:
        """Refuse another number of agents than the graph has nodes."""
        _check_size("graphs.FromNetworkx", len(self.starts) - 1, agents)

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the matrix of the graph with its weighting."""
        self.check(agents)
        shape = (agents, agents)
        return scipy.sparse.csr_array((self.values, self.columns, self.starts), shape=shape)


def _keep(graph: FixedGraph, rows: scipy.sparse.csr_array) -> None:
    """Set the fields of a frozen graph to its compressed rows."""
    object.__setattr__(graph, "starts", np.asarray(rows.indptr, np.int64))
    object.__setattr__(graph, "columns", np.asarray(rows.indices, np.int64))
    object.__setattr__(graph, "values", np.asarray(rows.data, np.float64))


def _check_size(name: str, size: int, agents: int) -> None:
    if agents != size:
        raise InvalidArgumentError(
            f"{name} is of {size} agents, but the run has {agents}; give agents={size}."
        )
