"""The star."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from sdeopt.graphs.graph import FixedGraph, check_agents, check_weighting, weights_of


@dataclass(frozen=True)
class Star(FixedGraph):
    """Agent 0 receives from all, every other agent receives from agent 0 and itself.

    Parameters
    ----------
    weighting : {"uniform", "metropolis"}
        See `sdeopt.graphs.graph`. With ``"uniform"`` agent 0 receives the mean of all and the others
        the mean of two, so what agent 0 does weighs more in the long run than what others do; with
        ``"metropolis"`` all weigh the same, and every edge weighs 1/p.

    Examples
    --------
    >>> from sdeopt.graphs import Star
    >>> Star().weights(4).toarray()
    array([[0.25, 0.25, 0.25, 0.25],
           [0.5 , 0.5 , 0.  , 0.  ],
           [0.5 , 0.  , 0.5 , 0.  ],
           [0.5 , 0.  , 0.  , 0.5 ]])
    >>> Star("metropolis").weights(4).toarray()[1]
    array([0.25, 0.75, 0.  , 0.  ])
    """

    weighting: str = "uniform"

    def __post_init__(self) -> None:
        check_weighting(self.weighting)

    def check(self, agents: int) -> None:
        """Refuse a single agent."""
        check_agents("Star", agents, 2)

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the matrix with one full row and column."""
        self.check(agents)
        others = np.arange(1, agents)
        return weights_of(np.array([np.zeros_like(others), others]), agents, self.weighting)
