"""EASGD: agents pulled to a low-pass filter of their mean."""

from dataclasses import dataclass

import torch

from nets.couplings.gain import check_elastic
from nets.couplings.receiving import Late
from nets.couplings.rule import Filtered, towards
from nets.weights import Weights


@dataclass(eq=False)
class EASGD(Late, Filtered):
    """Elastic averaging SGD: x^i ← x^i − (the optimizer's step) + η_i k (x~ − x^i).

    Then x~ ← x~ + ηkp(x• − x~), with the mean of the agents before the step and their mean η. The
    elastic difference is that of the state before the gradient step, as published. With
    ``torch.optim.SGD`` it is `sdeopt.EASGD`, with its Nesterov momentum `sdeopt.EASGDMomentum` (see
    `nets.couplings.positions`). x~ starts at the first mean.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate); the elastic α of Zhang et al. is ηk, their β is pα. From
        k = 2/((p + 1)η) on the filter follows too fast, and the run would diverge even where the
        loss is flat: such a step is refused. Agents with unlike η_i have a border of their own.
    period : int
        Steps from one coupled step to the next.
    delay : int
        Steps ago that x~ was what agents are pulled to; with a period of 1. x~ itself moves at once.

    Notes
    -----
    Zhang, Choromanska & LeCun (2015), Algorithm 1 with all agents in step; Boffi & Slotine (2020),
    eqs. (4)-(5), and Sec. 6.1.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import EASGD
    >>> rule, rates = EASGD(coupling=1.0), torch.tensor([0.1, 0.1])
    >>> rule.advance({"bias": torch.tensor([1.0])}, 0, rates)
    >>> rule.advance({"bias": torch.tensor([2.0])}, 1, rates)
    >>> rule.quorum
    {'bias': tensor([1.2000])}
    """

    name = "EASGD"

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a coupling from the border of stability on."""
        if self.needs_mean(step):
            check_elastic(self.coupling_at(step), rates, step)

    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return η_i k (x~ − x^i)."""
        centre = self.received(self.centre(mean), step)
        return towards(centre, points, rates * self.coupling_at(step))

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Move x~ by ηkp(x• − x~)."""
        fraction = float(rates.mean()) * self.coupling_at(step) * len(rates)
        before = self.centre(mean)
        differences = torch._foreach_sub(list(mean.values()), list(before.values()))
        moved = torch._foreach_add(list(before.values()), differences, alpha=fraction)
        self._quorum = (self._quorum or {}) | dict(zip(mean, moved, strict=True))
