"""SD-QSGD: at the start of an epoch the best agent pulls all others, then the gains relax to QSGD's."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from nets.couplings.rule import Averaged, towards
from nets.weights import Weights
from sdeopt.arguments import finite_number, flag, whole_number
from sdeopt.errors import InvalidArgumentError


@dataclass(eq=False, kw_only=True)
class SDQSGD(Averaged):
    """State-dependent QSGD: x^i ← x^i − (the optimizer's step) + η_i (1/p) Σ_j k_j (x^j − x^i).

    At the start of an epoch the agent with the least validation loss has k_j = A p k, the others 0.
    All relax to k as e^(−t/τ), t counting the steps of the epoch, and are exactly k in its last
    step. So agents are pulled to the weighted mean Σ k_j x^j / Σ k_j, with the mean gain
    k(1 + (A − 1)e^(−t/τ)), which may pass 2/η in a short spike.
    With ``torch.optim.SGD`` it is `sdeopt.SDQSGD`.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate).
    epoch_steps : int
        Steps in an epoch: an agent's number of batches.
    magnification : float
        A. RECONSTRUCTED default: the paper's number is not in our text of it.
    relaxation : float, optional
        τ, in steps. RECONSTRUCTED default: a twentieth of an epoch.
    balanced : bool
        Whether the others have what is left of p k, k_j = (p k − k_i*)/(p − 1), or 0 in the spike, so
        that outside of it all gains sum to p k.
    period, memory
        As for `QSGD`; what `memory` averages is the weighted mean.

    Notes
    -----
    Boffi & Slotine (2020), eqs. (57), (60) and (61); `balanced` is footnote 12, whose formula our text
    lost: it is RECONSTRUCTED from the sum, which the footnote names.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import SDQSGD
    >>> rule = SDQSGD(coupling=2.0, epoch_steps=100, magnification=5.0)
    >>> rule.choose(torch.tensor([0.9, 0.4, 0.7]))
    >>> rule.gains(0), rule.gains(99)
    (tensor([ 0., 30.,  0.], dtype=torch.float64), tensor([2., 2., 2.], dtype=torch.float64))
    """

    epoch_steps: int
    magnification: float = 5.0
    relaxation: float | None = None
    balanced: bool = False

    name = "SD-QSGD"
    remembered = ("_average", "_champion", "_agents")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._champion, self._agents = 0, 0
        self.epoch_steps = whole_number(self.epoch_steps, "epoch_steps of SDQSGD", minimum=1)
        self.magnification = finite_number(self.magnification, "magnification of SDQSGD", 0)
        time = self.epoch_steps / 20.0 if self.relaxation is None else self.relaxation
        self.relaxation = finite_number(time, "relaxation of SDQSGD", 0, open_end=True)
        self.balanced = flag(self.balanced, "balanced of SDQSGD")

    def needs_losses(self, step: int) -> bool:
        """Return whether an epoch starts."""
        return step % self.epoch_steps == 0

    def choose(self, losses: torch.Tensor) -> None:
        """Make the agent with the least validation loss the champion of the epoch."""
        every = losses.detach().cpu().double().numpy()
        if np.isnan(every).all():
            raise InvalidArgumentError(
                "the validation losses of all agents are NaN, so none of them is the best; "
                "lower the learning rate."
            )
        self._champion, self._agents = int(np.nanargmin(every)), len(every)

    def gains(self, step: int) -> torch.Tensor:
        """Return k_j."""
        if not self._agents:
            raise InvalidArgumentError(
                "SDQSGD takes a step before it was given validation losses; "
                "call choose(losses) at the start of every epoch."
            )
        since = step % self.epoch_steps
        assert self.relaxation is not None
        left = math.exp(-since / self.relaxation) if since + 1 < self.epoch_steps else 0.0
        relative = torch.full((self._agents,), 1.0 - left, dtype=torch.float64)
        relative[self._champion] += self.magnification * self._agents * left
        if self.balanced and self._agents > 1:
            rest = max(self._agents - float(relative[self._champion]), 0.0) / (self._agents - 1)
            relative[torch.arange(self._agents) != self._champion] = rest
        return relative * self.coupling_at(step)

    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return η_i (1/p) Σ_j k_j (x^j − x^i), which pulls to the weighted mean by the mean gain."""
        return towards(mean, points, rates * float(self.gains(step).mean()))
