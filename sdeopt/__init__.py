"""Coupled stochastic gradient descent as stochastic differential equations.

Write down a loss, an algorithm and a noise law; simulate thousands of coupled agents.

>>> import sdeopt as so
>>> run = so.simulate(so.losses.RuggedWell(), so.QSGD(coupling=8.0), noise=so.noise.Uniform(7.0),
...                   agents=50, replicas=20, steps=100, step_size=0.04,
...                   start=so.start.Uniform(-3, 3), seed=7)
>>> run["mean"].dims
('replica', 'dim')
"""

import lazy_loader

# The stub beside this file lists every public name with its home. Loading all of them takes a
# second, which neither `sdeopt --help` nor the theory needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
