"""Exact second moments of coupled methods on quadratic losses, to compare bounds with.

>>> from theory.moments import easgd, qsgd, stationary_moments
>>> flows = [kind(agents=100, coupling=1.0) for kind in (qsgd, easgd)]
>>> [round(float(stationary_moments(flow, curvature=1.0, noise=1.0).mean), 5) for flow in flows]
[0.005, 0.00495]

Agents on a graph, with delays, or that communicate now and then are a `network`:

>>> from theory.moments import long_run, network
>>> rare = network(coupling=1.0, step_size=0.1, agents=4, participation=0.25)
>>> round(long_run(rare, curvature=1.0, noise=0.01).spread, 4)
0.1288
"""

from theory.moments.evolution import NetworkMoments, after, long_run
from theory.moments.flat import flat_border
from theory.moments.methods import Method, easgd, momentum, nesterov, qsgd
from theory.moments.modes import characteristic_polynomial, coupling_border, mode_variance
from theory.moments.networks import Network, network
from theory.moments.stationary import SecondMoments, stationary_covariance, stationary_moments

__all__ = [
    "Method",
    "Network",
    "NetworkMoments",
    "SecondMoments",
    "after",
    "characteristic_polynomial",
    "coupling_border",
    "easgd",
    "flat_border",
    "long_run",
    "mode_variance",
    "momentum",
    "nesterov",
    "network",
    "qsgd",
    "stationary_covariance",
    "stationary_moments",
]
