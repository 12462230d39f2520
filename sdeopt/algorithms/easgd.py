"""EASGD: agents pulled towards a low-pass filter of their mean."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.algorithm import StateVector
from sdeopt.algorithms.communication import Communicating, refuse_graph
from sdeopt.kernels.compilation import compiled


@compiled
def quorum_rate(quorum: float, mean: float, agents: int, coupling: float) -> float:
    """Return kp (x• − x~)."""
    return coupling * agents * (mean - quorum)


QUORUM = StateVector("quorum", "quorum variable", "position")


@dataclass(frozen=True)
class EASGD(Communicating):
    """Elastic averaging SGD: dx^i = (−∇f(x^i) + k(x~ − x^i)) dt + noise, dx~ = kp(x• − x~) dt.

    On the iteration clock x^i ← x^i − η(∇f(x^i) + ζ^i/√b) + ηk(x~ − x^i), x~ ← x~ + ηkp(x• − x~), all
    right-hand sides at time t. Agents with step sizes of their own move x~ with their mean η.
    x~ starts at x•. With delay and pauses agent i is pulled by ηk b^i_t (x~_{t−τ} − x^i), where b^i_t is
    1 if it communicates at step t and else 0, and x~ moves by ηk Σ_i b^i_t (x^i − x~).

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time. The elastic α of Zhang et al. (2015) is ηk, their β is pα.
    graph : None
        Refused: the centre is the graph.
    delay : int or array_like of shape (agents,)
        τ, in steps, on the way from the centre to the agents; before the first step x~ was what it is
        there.
    participation : float
        The probability that an agent communicates, drawn anew at every step and for every agent.
    period, staggered : int, bool
        Instead: agents communicate at every so many steps, for the first time at the end of the first
        period; staggered, agent i does so at steps s for which s + 1 − i is a multiple of the period.
        With ``period=agents`` one agent at a time moves the centre: asynchronous EASGD, Algorithm 1 of
        Zhang et al. (2015).

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

    The centre, updated by one agent at a time:

    >>> turns = so.EASGD(coupling=3.0, period=3, staggered=True)
    >>> run = so.simulate(so.losses.Quadratic(1.0), turns, agents=3, steps=400,
    ...                   step_size=0.1, start=so.start.Uniform(-3, 3), seed=7)
    >>> bool(abs(run.quorum.item()) < 1e-3)
    True
    """

    replica_vectors: ClassVar = {"quorum": QUORUM}
    signal = "quorum"
    rules: ClassVar = {
        "drift": ("sdeopt.algorithms.qsgd", "drift"),
        "replica_drift": (__name__, "quorum_rate"),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_graph("EASGD", self.graph)
