"""Coupled stochastic gradient descent as stochastic differential equations.

Write down a loss, an algorithm and a noise law; simulate thousands of coupled agents.

>>> import sdeopt as so
>>> run = so.simulate(so.losses.RuggedWell(), so.QSGD(coupling=8.0), noise=so.noise.Uniform(7.0),
...                   agents=50, replicas=20, steps=100, step_size=0.04,
...                   start=so.start.Uniform(-3, 3), seed=7)
>>> run["mean"].dims
('replica', 'dim')
"""

from sdeopt import (
    clock,
    convergence,
    errors,
    losses,
    math,
    noise,
    record,
    results,
    rng,
    schedules,
    start,
    statistics,
)
from sdeopt.algorithms import (
    EASGD,
    QSGD,
    SDQSGD,
    SGD,
    ArbitraryQuorum,
    ContinuousMomentum,
    EASGDMomentum,
    PeriodicAveraging,
    QSGDMomentum,
    SingleAgentEASGD,
    SingleAgentEASGDMomentum,
    StateDependentQSGD,
)
from sdeopt.engine import simulate
from sdeopt.increments import Increments, brownian
from sdeopt.version import __version__

__all__ = [
    "EASGD",
    "QSGD",
    "SDQSGD",
    "SGD",
    "ArbitraryQuorum",
    "ContinuousMomentum",
    "EASGDMomentum",
    "Increments",
    "PeriodicAveraging",
    "QSGDMomentum",
    "SingleAgentEASGD",
    "SingleAgentEASGDMomentum",
    "StateDependentQSGD",
    "__version__",
    "brownian",
    "clock",
    "convergence",
    "errors",
    "losses",
    "math",
    "noise",
    "record",
    "results",
    "rng",
    "schedules",
    "simulate",
    "start",
    "statistics",
]
