"""QSGD: agents pulled towards their spatial mean."""

from dataclasses import dataclass
from typing import ClassVar

from sdeopt.algorithms.communication import Communicating
from sdeopt.kernels.compilation import compiled


@compiled
def drift(x: float, gradient: float, signal: float, coupling: float) -> float:
    """Return −∂f/∂x + k (signal − x)."""
    return coupling * (signal - x) - gradient


@dataclass(frozen=True)
class QSGD(Communicating):
    """Quorum SGD: dx^i = (−∇f(x^i) + k(x• − x^i)) dt + √(η/b) B dW^i.

    On the iteration clock x^i ← x^i − η(∇f(x^i) + ζ^i/√b) + ηk(x• − x^i). With a graph of weights W, a
    delay of τ steps and pauses, agent i is pulled by ηk b^i_t ((W x_{t−τ})_i − x^i) instead of
    ηk(x• − x^i), where b^i_t is 1 if it communicates at step t and else 0. Who pauses is
    still received from.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.
    graph : AgentGraph, optional
        From `sdeopt.graphs`; the complete graph by default.
    delay : int or array_like of shape (agents,)
        τ, in steps; before the first step the signal was what it is there.
    participation : float
        The probability that an agent communicates, drawn anew at every step and for every agent.
    period, staggered : int, bool
        Instead: agents communicate at every so many steps, for the first time at the end of the first
        period; staggered, agent i does so at steps s for which s + 1 − i is a multiple of the period.

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

    On a ring, five steps late, every third step:

    >>> ring = so.QSGD(coupling=8.0, graph=so.graphs.Ring(), delay=5, period=3)
    >>> run = so.simulate(so.losses.RuggedWell(), ring, agents=20, steps=50, step_size=0.04,
    ...                   start=so.start.Uniform(-3, 3), seed=7)
    >>> bool((abs(run.agents) < 3).all())
    True
    """

    rules: ClassVar = {"drift": (__name__, "drift")}
