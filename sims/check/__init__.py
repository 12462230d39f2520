"""Compare a loss, an algorithm and a noise law of one's own with every bound that applies to them.

>>> import sdeopt as so
>>> from sims.check import check
>>> report = check(
...     so.losses.Quadratic(1.0), so.QSGD(coupling=1.0), noise=so.noise.Gaussian(1.0),
...     step_size=0.1, agents=4, replicas=400, progress=False,
... )
>>> round(report.row("theorem_5_1").predicted, 6)
0.111803
"""

import lazy_loader

# The stub beside this file lists the names; the command's module is imported without them.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
