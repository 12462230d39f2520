"""Exact stationary second moments of coupled methods on quadratic losses, to compare bounds with.

>>> from theory.moments import easgd, qsgd, stationary_moments
>>> flows = [kind(agents=100, coupling=1.0) for kind in (qsgd, easgd)]
>>> [round(float(stationary_moments(flow, curvature=1.0, noise=1.0).mean), 5) for flow in flows]
[0.005, 0.00495]
"""

from theory.moments.methods import Method, easgd, momentum, nesterov, qsgd
from theory.moments.stationary import SecondMoments, stationary_covariance, stationary_moments

__all__ = [
    "Method",
    "SecondMoments",
    "easgd",
    "momentum",
    "nesterov",
    "qsgd",
    "stationary_covariance",
    "stationary_moments",
]
