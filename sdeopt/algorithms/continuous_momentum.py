"""Coupled momentum methods as second-order systems in position and velocity."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled
from sdeopt.errors import unknown_name
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled
from sdeopt.schedules import Schedule, ScheduleLike, as_schedule


@compiled
def drift(
    x: float,
    v: float,
    u: float,
    gradient: float,
    signal: float,
    velocity_signal: float,
    coupling: float,
    scheduled: Scheduled,
) -> tuple[float, float, float]:
    """Return (v + k₁(signal − x), −∂f/∂x − μv + k₂(v• − v))."""
    damping, velocity_coupling = scheduled[0], scheduled[1]
    acceleration = velocity_coupling * (velocity_signal - v) - damping * v - gradient
    return v + coupling * (signal - x), acceleration, 0.0


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

    rules: ClassVar = {
        "drift": (__name__, "drift"),
        "quorum_rate": ("sdeopt.algorithms.easgd", "quorum_rate"),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "damping", as_schedule(self.damping, "damping"))
        velocity_coupling = as_schedule(self.velocity_coupling, "velocity_coupling")
        object.__setattr__(self, "velocity_coupling", velocity_coupling)
        if self.quorum not in ("mean", "filter"):
            raise unknown_name("kind of quorum called", str(self.quorum), ("mean", "filter"))

    def switches(self) -> set[str]:
        """Turn on velocities, and the filter for ``quorum="filter"``."""
        on = {"SIGNAL", "VELOCITY_SIGNAL", "USES_V", "NOISE_IN_VELOCITY"}
        return on | ({"FILTER"} if self.quorum == "filter" else set())

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return k₁, μ and k₂."""
        others = {"damping": self.damping, "velocity_coupling": self.velocity_coupling}
        return super().schedules(agents) | {
            name: as_schedule(value, name) for name, value in others.items()
        }
