"""QSGD: agents pulled to their mean."""

from dataclasses import dataclass

import torch

from nets.couplings.receiving import Mixing
from nets.couplings.rule import Averaged, towards
from nets.weights import Weights


@dataclass(eq=False)
class QSGD(Mixing, Averaged):
    """Quorum SGD: x^i ← x^i − (the optimizer's step) + η_i k (x• − x^i).

    With ``torch.optim.SGD`` it is `sdeopt.QSGD`, with its Nesterov momentum `sdeopt.QSGDMomentum`
    (see `nets.couplings.positions`). With a graph of weights W, a delay of τ steps and pauses, agent i
    is pulled by η_i k b^i_t ((W x_{t−τ})_i − x^i), where b^i_t is 1 if it communicates at step t and
    else 0. Who pauses is still received from.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate); with Nesterov momentum it acts on positions.
    period, staggered : int, bool
        Agents communicate at every so many steps, for the first time at the end of the first period;
        staggered, agent i does so at steps s for which s + 1 − i is a multiple of the period.
    memory : float, optional
        γ of an exponentially weighted average of x• that is tested and acts on no agent.
    graph : AgentGraph, optional
        From `sdeopt.graphs`; the complete graph by default. Needs all agents in one process.
    delay : int or array_like of shape (agents,)
        τ, in steps; before the first step the signal was what it is there.
    participation : float
        Instead of a period: the probability that an agent communicates, drawn anew at every step and
        for every agent.
    seed : int
        Of participation and random matchings: with the same seed those of replica 0 of
        `sdeopt.simulate`.

    Notes
    -----
    Boffi & Slotine (2020), eq. (6), and Sec. 6.1.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import QSGD
    >>> points = {"bias": torch.tensor([[0.0], [2.0]])}
    >>> QSGD(coupling=5.0).pull(points, {"bias": torch.tensor([1.0])}, 0, torch.tensor([0.1, 0.1]))
    {'bias': tensor([[ 0.5000],
            [-0.5000]])}
    """

    name = "QSGD"

    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return η_i k (s^i − x^i), with s^i = x• where there is no graph and no delay."""
        centres = self.centres(points, mean, step)
        return towards(centres, points, rates * self.coupling_at(step))
