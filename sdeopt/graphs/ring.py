"""The ring."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from sdeopt.arguments import whole_number
from sdeopt.graphs.graph import FixedGraph, check_agents, weights_of


@dataclass(frozen=True)
class Ring(FixedGraph):
    """Every agent receives from itself and the nearest agents on both sides, with equal weights.

    Parameters
    ----------
    reach : int
        How many on each side; 1 is the cycle.

    Examples
    --------
    >>> from sdeopt.graphs import Ring
    >>> Ring().weights(5).toarray()[0].round(3)
    array([0.333, 0.333, 0.   , 0.   , 0.333])
    """

    reach: int = 1

    def __post_init__(self) -> None:
        reach = whole_number(self.reach, "reach of graphs.Ring", minimum=1)
        object.__setattr__(self, "reach", reach)

    def check(self, agents: int) -> None:
        """Refuse so few agents that one would be met from both sides."""
        check_agents(f"Ring(reach={self.reach})", agents, 2 * self.reach + 1)

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the circulant matrix with 2 · reach + 1 equal entries in a row."""
        self.check(agents)
        here = np.tile(np.arange(agents), self.reach)
        steps = np.repeat(np.arange(1, self.reach + 1), agents)
        return weights_of(np.array([here, (here + steps) % agents]), agents)
