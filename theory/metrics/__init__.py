"""Best constant metrics for polytopes of Jacobians, and the bounds of the paper in them.

>>> from theory.metrics import best_metric
>>> oscillator = [[[0, 1], [-stiffness, -2]] for stiffness in (1, 2)]
>>> found = best_metric(oscillator)
>>> found.holds(), round(float(found.rate), 3)
(True, 0.646)
"""

from theory.metrics.best import best_metric, sharpest_metric
from theory.metrics.easgd import sharper_easgd
from theory.metrics.exact import MetricCertificate, Polytope
from theory.metrics.momentum import sharper_momentum
from theory.metrics.proved import corners, prove_contraction

__all__ = [
    "MetricCertificate",
    "Polytope",
    "best_metric",
    "corners",
    "prove_contraction",
    "sharper_easgd",
    "sharper_momentum",
    "sharpest_metric",
]
