"""The complete graph."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from sdeopt.graphs.graph import FixedGraph


@dataclass(frozen=True)
class Complete(FixedGraph):
    """Every agent receives from all, itself too, with the weight 1/p: it is pulled towards the mean.

    What algorithms do when no graph is given, at the same cost: no edge is stored for it in a run.

    Examples
    --------
    >>> from sdeopt.graphs import Complete
    >>> Complete().weights(2).toarray()
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """

    def check(self, agents: int) -> None:
        """Accept any number of agents."""

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the matrix whose entries are all 1/p."""
        return scipy.sparse.csr_array(np.full((agents, agents), 1.0 / agents))
