"""What `import sdeopt` offers; each name is loaded from its home when it is first used."""

from . import (
    clock,
    convergence,
    errors,
    graphs,
    losses,
    math,
    noise,
    plot,
    record,
    results,
    rng,
    schedules,
    start,
    statistics,
)
from .algorithms import (
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
from .increments import Increments, brownian
from .simulation.engine import simulate
from .sweeps import grid, sweep
from .tuning.best_coupling import BestCoupling, best_coupling
from .version import __version__

__all__ = [
    "EASGD",
    "QSGD",
    "SDQSGD",
    "SGD",
    "ArbitraryQuorum",
    "BestCoupling",
    "ContinuousMomentum",
    "EASGDMomentum",
    "Increments",
    "PeriodicAveraging",
    "QSGDMomentum",
    "SingleAgentEASGD",
    "SingleAgentEASGDMomentum",
    "StateDependentQSGD",
    "__version__",
    "best_coupling",
    "brownian",
    "clock",
    "convergence",
    "errors",
    "graphs",
    "grid",
    "losses",
    "math",
    "noise",
    "plot",
    "record",
    "results",
    "rng",
    "schedules",
    "simulate",
    "start",
    "statistics",
    "sweep",
]
