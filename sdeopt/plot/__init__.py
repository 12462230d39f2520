"""Pictures of runs and sweeps, in the style of the project.

>>> import sdeopt as so
>>> loss = so.losses.RuggedWell()
>>> run = so.simulate(loss, so.QSGD(coupling=8.0), noise=so.noise.Uniform(7.0), agents=20,
...                   replicas=100, steps=500, step_size=0.04, start=so.start.Uniform(-3, 3), seed=7)
>>> axes = so.plot.density(run, loss, loss.convolved(so.noise.Uniform(7.0), scale=0.04))
>>> axes.figure.savefig("mine.png")  # doctest: +SKIP
"""

import lazy_loader

# matplotlib, which these draw with, is loaded when the first of them is used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
