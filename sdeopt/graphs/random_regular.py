"""Random graphs in which all agents have the same number of neighbours."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sdeopt import rng
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.graphs.graph import FixedGraph, weights_of

Edges = NDArray[np.int64]


@dataclass(frozen=True)
class RandomRegular(FixedGraph):
    """A graph drawn once, in which every agent has `degree` neighbours; the same in all replicas.

    Half edges are paired at random; pairs that would join an agent to itself, or to a neighbour
    again, are drawn anew (Steger & Wormald 1999): nearly uniform among all such graphs. Equal weights
    for the neighbours and the agent itself.

    Parameters
    ----------
    degree : int
        Neighbours of an agent, at least 1; agents times degree must be even.
    seed : int
        Decides the graph; that of the run does not enter.

    Examples
    --------
    >>> from sdeopt.graphs import RandomRegular
    >>> weights = RandomRegular(3, seed=1).weights(10)
    >>> (weights.toarray() > 0).sum(axis=0)
    array([4, 4, 4, 4, 4, 4, 4, 4, 4, 4])
    """

    degree: int
    seed: int = 0

    def __post_init__(self) -> None:
        degree = whole_number(self.degree, "degree of graphs.RandomRegular", minimum=1)
        object.__setattr__(self, "degree", degree)
        object.__setattr__(self, "seed", int(rng.as_seed(self.seed)))

    def check(self, agents: int) -> None:
        """Refuse agents that cannot all have so many neighbours."""
        if self.degree >= agents or agents * self.degree % 2:
            raise InvalidArgumentError(
                f"{agents} agents cannot all have {self.degree} neighbours; the degree of "
                "graphs.RandomRegular must be below the number of agents, and their product even."
            )

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the matrix with degree + 1 equal entries in a row."""
        self.check(agents)
        edges, draw = None, 0
        while edges is None:
            edges, draw = self._paired(agents, draw)
        return weights_of(edges, agents)

    def _paired(self, agents: int, draw: int) -> tuple[Edges | None, int]:
        """Return the edges of a whole pairing, or None where the last half edges do not fit."""
        halves = np.repeat(np.arange(agents), self.degree)
        joined = np.eye(agents, dtype=bool)
        edges: list[Edges] = []
        while len(halves):
            keys = rng.uniforms(self.seed, rng.GRAPH, np.array([draw]), len(halves), 1)
            draw += 1
            pairs = np.sort(halves[np.argsort(keys.ravel())].reshape(-1, 2), axis=1)
            kept = np.zeros(len(pairs), bool)
            for number, (first, second) in enumerate(pairs):
                kept[number] = not joined[first, second]
                joined[first, second] = True
            edges.append(pairs[kept])
            halves = np.sort(pairs[~kept].ravel())
            left = np.unique(halves)
            if len(halves) and joined[np.ix_(left, left)][np.triu_indices(len(left), 1)].all():
                return None, draw
        return np.concatenate(edges).T, draw
