"""EASGD: agents pulled to a low-pass filter of their mean."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from nets.couplings.gain import check_elastic
from nets.couplings.receiving import Communicating
from nets.couplings.rule import Filtered, towards
from nets.weights import Weights
from sdeopt.algorithms.communication import refuse_graph


@dataclass(eq=False)
class EASGD(Communicating, Filtered):
    """Elastic averaging SGD: x^i ← x^i − (the optimizer's step) + η_i k (x~ − x^i).

    Then x~ ← x~ + ηkp(x• − x~), with the mean of the agents before the step and their mean η. The
    elastic difference is that of the state before the gradient step, as published. With
    ``torch.optim.SGD`` it is `sdeopt.EASGD`, with its Nesterov momentum `sdeopt.EASGDMomentum` (see
    `nets.couplings.positions`). x~ starts at the mean of the first points. With delay and pauses agent i
    is pulled by η_i k b^i_t (x~_{t−τ} − x^i), where b^i_t is 1 if it communicates at step t and else 0,
    and x~ moves by ηk Σ_i b^i_t (x^i − x~).

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate); the elastic α of Zhang et al. is ηk, their β is pα. From
        k = 2/((p + 1)η) on the filter follows too fast, and the run would diverge even where the
        loss is flat: such a step is refused. Agents with unlike η_i have a border of their own.
    period, staggered : int, bool
        Agents communicate at every so many steps, for the first time at the end of the first period;
        staggered, agent i does so at steps s for which s + 1 − i is a multiple of the period. With
        ``period=agents`` one agent at a time moves the centre: asynchronous EASGD.
    graph : None
        Refused: the centre is the graph.
    delay : int or array_like of shape (agents,)
        τ, in steps, on the way from the centre to the agents; before the first step x~ was what it is
        there.
    participation : float
        Instead of a period: the probability that an agent communicates, drawn anew at every step and
        for every agent.
    seed : int
        Of participation: with the same seed that of replica 0 of `sdeopt.simulate`.

    Notes
    -----
    Zhang, Choromanska & LeCun (2015), Algorithm 1, by default with all agents in step; Boffi & Slotine
    (2020), eqs. (4)-(5), and Sec. 6.1.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import EASGD
    >>> rule, rates = EASGD(coupling=1.0), torch.tensor([0.1, 0.1])
    >>> rule.advance({"bias": torch.tensor([1.0])}, 0, rates)
    >>> rule.advance({"bias": torch.tensor([2.0])}, 1, rates)
    >>> rule.quorum
    {'bias': tensor([1.2000])}

    Asynchronous: at the end of the first period agent 0 has its turn.

    >>> EASGD(coupling=1.0, period=2, staggered=True).shares(1, agents=2)
    tensor([1., 0.], dtype=torch.float64)
    """

    name = "EASGD"
    quorum_kind = "filter"
    newer: ClassVar = (*Communicating.newer, "graph", "participation", "seed")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_graph("EASGD", self.graph)

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a coupling from the border of stability on."""
        if not self.in_step:
            super().check(step, rates)
        elif self.couples(step):
            self.fit(len(rates))
            check_elastic(self.coupling_at(step), rates, step)

    def gains(self, step: int) -> torch.Tensor | None:
        """Return 1 for agents whose mean x~ moves towards, else 0; None where it is that of all."""
        return self.shares(step, self._agents)

    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return η_i k (x~ − x^i)."""
        centre = self.received(self.centre(mean), step, len(next(iter(points.values()))))
        return towards(centre, points, rates * self.coupling_at(step))

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Move x~ by ηkn(x• − x~), n agents of the mean x• communicating."""
        shares = self.shares(step, len(rates))
        communicating = len(rates) if shares is None else float(shares.sum())
        fraction = float(rates.mean()) * self.coupling_at(step) * communicating
        before = self.centre(mean)
        differences = torch._foreach_sub(list(mean.values()), list(before.values()))
        moved = torch._foreach_add(list(before.values()), differences, alpha=fraction)
        self._quorum = (self._quorum or {}) | dict(zip(mean, moved, strict=True))
