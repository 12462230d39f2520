"""QSGD and EASGD with Nesterov momentum, as discrete iterations."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled, StateVector
from sdeopt.algorithms.communication import Communicating, refuse_graph
from sdeopt.algorithms.easgd import QUORUM
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled
from sdeopt.schedules import Schedule, ScheduleLike, as_schedule


@compiled
def look_ahead(x: float, v: float, scheduled: Scheduled) -> float:
    """Return x + δv."""
    momentum = scheduled[0]
    return x + momentum * v


@compiled
def step(
    x: float, v: float, gradient: float, increment: float, signal: float, step_size: float,
    coupling: float, scheduled: Scheduled,
) -> tuple[float, float]:  # fmt: skip
    """Return the new position and velocity."""
    momentum = scheduled[0]
    new_v = momentum * v - step_size * gradient + increment
    return x + new_v + step_size * coupling * (signal - x), new_v


VELOCITY = StateVector("velocities", "velocities of the agents")


@dataclass(frozen=True)
class NesterovMomentum(Coupled):
    """A coupled iteration with Nesterov momentum and velocities v.

    Parameters
    ----------
    momentum : float or Schedule
        δ.
    """

    momentum: ScheduleLike = 0.9

    agent_vectors: ClassVar = {"v": VELOCITY}
    clocks = ("Iteration",)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "momentum", as_schedule(self.momentum, "momentum"))

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return k and δ."""
        return super().schedules(agents) | {"momentum": as_schedule(self.momentum, "momentum")}


@dataclass(frozen=True)
class QSGDMomentum(NesterovMomentum, Communicating):
    """QSGD with Nesterov momentum: the gradient is taken at x + δv.

    v^i ← δv^i − η(∇f(x^i + δv^i) + ζ^i/√b), x^i ← x^i + v^i + ηk(x• − x^i). Velocities start at 0.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time, acting on positions.
    momentum : float or Schedule
        δ.
    graph, delay, participation, period, staggered
        Who receives from whom, and when: as for `QSGD`. Look-ahead and gradient are an agent's own.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 4.3 (Fig. 3). `ContinuousMomentum` is its limit with dt = √η,
    μ = (1 − δ)/√η, position gain √η k and noise strength √η/b.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.QSGDMomentum(coupling=1.0, momentum=0.9),
    ...                   agents=2, steps=300, step_size=0.01, start=so.start.Point(1.0))
    >>> bool(abs(run["mean"].item()) < 1e-3)
    True
    """

    rules: ClassVar = {"look_ahead": (__name__, "look_ahead"), "step": (__name__, "step")}


@dataclass(frozen=True)
class EASGDMomentum(QSGDMomentum):
    """EASGD with Nesterov momentum: as `QSGDMomentum`, with x~ in place of x•.

    x~ ← x~ + ηkp(x• − x~), with the mean of the old positions.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time, acting on positions.
    momentum : float or Schedule
        δ.
    delay, participation, period, staggered
        When agents and centre receive from each other: as for `EASGD`.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.1; Zhang, Choromanska & LeCun (2015).

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.EASGDMomentum(coupling=0.5), agents=2,
    ...                   steps=500, step_size=0.01, start=so.start.Point(1.0))
    >>> bool(abs(run.quorum.item()) < 1e-2)
    True
    """

    replica_vectors: ClassVar = {"quorum": QUORUM}
    signal = "quorum"
    rules: ClassVar = {
        **QSGDMomentum.rules,
        "replica_drift": ("sdeopt.algorithms.easgd", "quorum_rate"),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_graph("EASGDMomentum", self.graph)
