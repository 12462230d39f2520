"""Who receives from whom: graphs of agents, one kind a file. To add one, subclass `FixedGraph`.

Agent i is pulled towards (Wx)_i with the coupling k, where W is the row-stochastic matrix of the graph.

>>> import sdeopt as so
>>> so.graphs.Ring().weights(4).toarray().round(2)
array([[0.33, 0.33, 0.  , 0.33],
       [0.33, 0.33, 0.33, 0.  ],
       [0.  , 0.33, 0.33, 0.33],
       [0.33, 0.  , 0.33, 0.33]])
"""

from sdeopt.graphs.complete import Complete
from sdeopt.graphs.given import FromNetworkx, Weights
from sdeopt.graphs.graph import WEIGHTINGS, AgentGraph, FixedGraph
from sdeopt.graphs.matchings import Matchings
from sdeopt.graphs.random_regular import RandomRegular
from sdeopt.graphs.ring import Ring
from sdeopt.graphs.star import Star
from sdeopt.graphs.torus import Torus

__all__ = [
    "WEIGHTINGS",
    "AgentGraph",
    "Complete",
    "FixedGraph",
    "FromNetworkx",
    "Matchings",
    "RandomRegular",
    "Ring",
    "Star",
    "Torus",
    "Weights",
]
