"""EASGD for uncoupled agents, each with a low-pass filter of its own path."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled, StateVector
from sdeopt.algorithms.nesterov import VELOCITY, NesterovMomentum, QSGDMomentum
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled


@compiled
def drift(x: float, u: float, gradient: float, coupling: float) -> tuple[float, float]:
    """Return (−∂f/∂x + k(x~ − x), k(x − x~))."""
    return coupling * (u - x) - gradient, coupling * (x - u)


@compiled
def step(
    x: float, v: float, u: float, gradient: float, increment: float, step_size: float,
    coupling: float, scheduled: Scheduled,
) -> tuple[float, float, float]:  # fmt: skip
    """Return the new position, velocity and filter."""
    momentum = scheduled[0]
    new_v = momentum * v - step_size * gradient + increment
    elastic = step_size * coupling * (u - x)
    return x + new_v + elastic, new_v, u - elastic


FILTER = StateVector("filters", "own quorum variable of every agent", "position")


@dataclass(frozen=True)
class SingleAgentEASGD(Coupled):
    """EASGD with p = 1, run by every agent alone: x ← x − η(∇f + ζ) + ηk(x~ − x), x~ ← x~ + ηk(x − x~).

    Its quorum variable x~ low-passes its own path, so unlike QSGD it is not SGD at p = 1. The filters
    are in the variable ``filters`` of the result; they start where the agents do.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.2, "EASGD-WM".

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SingleAgentEASGD(coupling=1.0), agents=2,
    ...                   steps=10, step_size=0.1, start=so.start.Point(1.0))
    >>> bool((run.filters > run.agents).all())
    True
    """

    agent_vectors: ClassVar = {"u": FILTER}
    rules: ClassVar = {"drift": (__name__, "drift")}


@dataclass(frozen=True)
class SingleAgentEASGDMomentum(NesterovMomentum):
    """`SingleAgentEASGD` with Nesterov momentum δ.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.
    momentum : float or Schedule
        δ.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.2, "EASGD" with p = 1.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SingleAgentEASGDMomentum(coupling=1.0),
    ...                   steps=10, step_size=0.1, start=so.start.Point(1.0))
    >>> sorted(set(run.data_vars) - {"agents", "mean", "quorum"})
    ['diverged_at', 'filters', 'velocities']
    """

    agent_vectors: ClassVar = {"v": VELOCITY, "u": FILTER}
    rules: ClassVar = {"look_ahead": QSGDMomentum.rules["look_ahead"], "step": (__name__, "step")}
