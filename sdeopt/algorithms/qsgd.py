"""QSGD: agents pulled towards their spatial mean."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled


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
    """Return −∂f/∂x + k (signal − x)."""
    return coupling * (signal - x) - gradient, 0.0, 0.0


@dataclass(frozen=True)
class QSGD(Coupled):
    """Quorum SGD: dx^i = (−∇f(x^i) + k(x• − x^i)) dt + √(η/b) B dW^i.

    On the discrete clock x^i ← x^i − η(∇f(x^i) + ζ^i/√b) + ηk(x• − x^i).

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.

    Notes
    -----
    Boffi & Slotine (2020), eq. (6), and the iteration (42) of Sec. 4.3.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.RuggedWell(), so.QSGD(coupling=8.0),
    ...                   noise=so.noise.Uniform(7.0), agents=20, replicas=4, steps=50,
    ...                   step_size=0.04, start=so.start.Uniform(-3, 3), seed=7)
    >>> dict(run.agents.sizes)
    {'replica': 4, 'agent': 20, 'dim': 1}
    """

    on = frozenset({"SIGNAL"})
    rules: ClassVar = {"drift": (__name__, "drift")}
