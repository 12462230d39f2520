"""Best constant metrics for polytopes of Jacobians, and what they make of the paper's bounds.

>>> from theory.metrics import best_metric
>>> oscillator = [[[0, 1], [-stiffness, -2]] for stiffness in (1, 2)]
>>> found = best_metric(oscillator)
>>> found.holds(), round(float(found.rate), 3)
(True, 0.646)
"""

from theory.metrics.best import best_metric, sharpest_metric
from theory.metrics.certificate import Certificate, System
from theory.metrics.easgd import sharper_easgd
from theory.metrics.momentum import sharper_momentum
from theory.metrics.proved import corners, prove_contraction

__all__ = [
    "Certificate",
    "System",
    "best_metric",
    "corners",
    "prove_contraction",
    "sharper_easgd",
    "sharper_momentum",
    "sharpest_metric",
]
