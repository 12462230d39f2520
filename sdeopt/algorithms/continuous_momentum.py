"""Coupled momentum methods as second-order systems in position and velocity."""

from dataclasses import dataclass, replace
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled, Function
from sdeopt.algorithms.easgd import EASGD, QUORUM
from sdeopt.algorithms.nesterov import VELOCITY
from sdeopt.arguments import one_of
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.rule_calls import Declared
from sdeopt.schedules import Schedule, ScheduleLike, as_schedule


@compiled
def drift(
    x: float, v: float, gradient: float, signal: float, mean_v: float, coupling: float,
    scheduled: Scheduled,
) -> tuple[float, float]:  # fmt: skip
    """Return (v + k₁(signal − x), −∂f/∂x − μv + k₂(v• − v))."""
    damping, velocity_coupling = scheduled[0], scheduled[1]
    acceleration = velocity_coupling * (mean_v - v) - damping * v - gradient
    return v + coupling * (signal - x), acceleration


@dataclass(frozen=True)
class ContinuousMomentum(Coupled):
    """The (x, v) system with coupling in position and velocity, noise in the velocity.

    dx^i = (v^i + k₁(s − x^i)) dt, dv^i = (−∇f(x^i) − μ(t)v^i + k₂(v• − v^i)) dt + √(η/b) B dW^i, with
    s = x• (QSGD) or s = x~, dx~ = k₁p(x• − x~) dt (EASGD). Velocities start at 0.

    Parameters
    ----------
    coupling : float or Schedule
        k₁, in 1/time.
    damping : float or Schedule
        μ(t), in 1/time; 3/t gives Nesterov's accelerated flow.
    velocity_coupling : float or Schedule
        k₂, in 1/time.
    quorum : {"mean", "filter"}
        Whether positions are pulled towards x• or x~.

    Notes
    -----
    Boffi & Slotine (2020), eqs. (33)-(34), Lemma 3.2; Lemma 5.3 and Thm 5.3 with k₂ = 0.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.ContinuousMomentum(coupling=1.0, damping=2.0),
    ...                   agents=2, steps=2000, step_size=0.01, clock=so.clock.SDE(dt=0.01),
    ...                   start=so.start.Uniform(-1, 1))
    >>> bool(abs(run["mean"].item()) < 1e-6)
    True
    """

    damping: ScheduleLike = 1.0
    velocity_coupling: ScheduleLike = 0.0
    quorum: str = "mean"

    agent_vectors: ClassVar = {"v": VELOCITY}
    replica_vectors: ClassVar = {"quorum": QUORUM}
    noisy = "v"
    rules: ClassVar = {"drift": (__name__, "drift")}

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "damping", as_schedule(self.damping, "damping"))
        velocity_coupling = as_schedule(self.velocity_coupling, "velocity_coupling")
        object.__setattr__(self, "velocity_coupling", velocity_coupling)
        one_of(self.quorum, "kind of quorum called", ("mean", "filter"))

    def functions(self) -> dict[str, Function]:
        """Add the rule of x~ for ``quorum="filter"``."""
        own = {"replica_drift": EASGD.rules["replica_drift"]} if self.quorum == "filter" else {}
        return super().functions() | own

    def declared(self) -> Declared:
        """Return x, v, and x~ for ``quorum="filter"``."""
        whole = super().declared()
        return (
            replace(whole, signal="quorum")
            if self.quorum == "filter"
            else replace(whole, replicas=())
        )

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return k₁, μ and k₂."""
        others = {"damping": self.damping, "velocity_coupling": self.velocity_coupling}
        return super().schedules(agents) | {
            name: as_schedule(value, name) for name, value in others.items()
        }
