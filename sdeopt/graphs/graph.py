"""What a graph is: a row-stochastic matrix of weights for any number of agents it fits.

Two weightings turn neighbours into weights. ``"uniform"``: an agent receives the mean of itself and its
neighbours. ``"metropolis"``: an edge weighs 1 / (1 + the larger degree of its ends) and the agent itself
what is left, so that W is symmetric and the mean of all agents does not move by coupling (Xiao, Boyd &
Lall 2005). On a graph whose agents all have the same degree the two agree.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sdeopt.arguments import one_of
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError

WEIGHTINGS = ("uniform", "metropolis")
"""How neighbours become weights."""


class AgentGraph(Configured, ABC):
    """Who is pulled towards whom."""

    @abstractmethod
    def check(self, agents: int) -> None:
        """Refuse a number of agents that the graph cannot have.

        Parameters
        ----------
        agents : int
            p.
        """


class FixedGraph(AgentGraph, ABC):
    """A graph that is the same at every step and in every replica.

    To add one, write a frozen dataclass with the methods `check` and `weights`.
    """

    @abstractmethod
    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return W, sparse, with rows that sum to one.

        Parameters
        ----------
        agents : int
            p, the number of rows and columns.

        Returns
        -------
        scipy.sparse.csr_array
            Row i has the weights of those that agent i receives from, itself among them.
        """


def weights_of(
    ends: NDArray[np.int64], agents: int, weighting: str = "uniform"
) -> scipy.sparse.csr_array:
    """Return W of the undirected edges whose two ends are the rows of an array of shape (2, edges)."""
    check_weighting(weighting)
    first, second = ends
    one = np.ones(len(first))
    links: Any = scipy.sparse.coo_array((one, (first, second)), shape=(agents, agents)).tocsr()
    links = ((links + links.T) > 0).astype(np.float64)
    degrees = links.sum(axis=1)
    receiver = np.repeat(np.arange(agents), np.diff(links.indptr))
    if weighting == "uniform":
        links.data = 1.0 / (1.0 + degrees[receiver])
        own = 1.0 / (1.0 + degrees)
    else:
        links.data = 1.0 / (1.0 + np.maximum(degrees[receiver], degrees[links.indices]))
        own = 1.0 - links.sum(axis=1)
    return in_order(links + scipy.sparse.diags_array(own))


def in_order(weights: Any) -> scipy.sparse.csr_array:
    """Return a matrix in rows whose entries stand in the order of columns, without stored zeros."""
    rows: scipy.sparse.csr_array = scipy.sparse.csr_array(weights).astype(np.float64)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    rows.sort_indices()
    return rows


def check_weighting(weighting: str) -> None:
    """Refuse a weighting that is not known."""
    one_of(weighting, "weighting called", WEIGHTINGS)


def check_agents(name: str, agents: int, least: int) -> None:
    """Refuse fewer agents than a graph can have."""
    if agents < least:
        raise InvalidArgumentError(
            f"graphs.{name} has at least {least} agents, but the run has {agents}; take more agents, "
            "or leave the graph out."
        )
