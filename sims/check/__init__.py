"""A loss, an algorithm and a noise law of one's own against every bound that applies to them.

>>> import sdeopt as so
>>> from sims.check import check
>>> report = check(
...     so.losses.Quadratic(1.0), so.QSGD(coupling=1.0), noise=so.noise.Gaussian(1.0),
...     step_size=0.1, agents=4, replicas=400, progress=False,
... )
>>> round(report.row("theorem_5_1").predicted, 6)
0.111803
"""

from sims.check.checking import check
from sims.check.report import Report
from sims.check.theorem import Row

__all__ = ["Report", "Row", "check"]
