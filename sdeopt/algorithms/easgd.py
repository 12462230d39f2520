"""EASGD: agents pulled towards a low-pass filter of their mean."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import Coupled
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled


@compiled
def quorum_rate(
    quorum: float, mean: float, time: float, agents: int, coupling: float, scheduled: Scheduled
) -> float:
    """Return kp (x• − x~)."""
    return coupling * agents * (mean - quorum)


@dataclass(frozen=True)
class EASGD(Coupled):
    """Elastic averaging SGD: dx^i = (−∇f(x^i) + k(x~ − x^i)) dt + noise, dx~ = kp(x• − x~) dt.

    On the discrete clock x^i ← x^i − η(∇f(x^i) + ζ^i/√b) + ηk(x~ − x^i), x~ ← x~ + ηkp(x• − x~), all
    right-hand sides at time t. Agents with step sizes of their own move x~ with their mean η.
    x~ starts at x•.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time. The elastic α of Zhang et al. (2015) is ηk, their β is pα.

    Notes
    -----
    Zhang, Choromanska & LeCun (2015); Boffi & Slotine (2020), eqs. (4)-(5).

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.EASGD(coupling=0.5), agents=3, steps=400,
    ...                   step_size=0.1, start=so.start.Uniform(-3, 3), seed=7)
    >>> bool(abs(run.quorum.item()) < 1e-3)
    True
    """

    on = frozenset({"SIGNAL", "FILTER"})
    rules: ClassVar = {
        "drift": ("sdeopt.algorithms.qsgd", "drift"),
        "quorum_rate": (__name__, "quorum_rate"),
    }
