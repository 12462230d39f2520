"""The covariance Σ of one example's gradient: its trace measured, and noise that has it.

A loss of weights c_i = 1 + √(N/b) (z_i − z̄), z_i standard normal, over N examples,

    (1/N) Σ_i c_i ℓ_i(θ),

has as its gradient that of the mean loss plus Gaussian noise whose covariance given θ is
(1/b) (1/N) Σ_i (∇ℓ_i − ∇f)(∇ℓ_i − ∇f)ᵀ = Σ(θ)/b: that of a batch of b examples drawn with replacement.
It costs one backward pass, as the mean loss does. (Zhu et al. 2019 compare noise of
such covariance with isotropic noise; the manuscript's Sec. 6 asks for it.)
"""

import math
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy

from nets.data import Part
from nets.ensemble.ensemble import Ensemble

SMALL = 20
"""Examples of a batch; the estimate has no bias whatever it is."""

MOST = 2_000
"""Examples that are used."""


def noise_trace(ensemble: Ensemble, part: Part) -> float:
    """Return an estimate of tr Σ from disjoint small batches, in which Σ/b is what they scatter by."""
    module = ensemble.module_of({name: stack[0] for name, stack in ensemble.weights.items()})
    module.eval()
    weights = list(module.parameters())
    count = min(len(part), MOST) // SMALL
    total, squares = torch.zeros(()), 0.0
    for first in range(0, count * SMALL, SMALL):
        rows = slice(first, first + SMALL)
        loss = cross_entropy(module(part.inputs[rows]), part.targets[rows])
        gradient = torch.cat([each.flatten() for each in torch.autograd.grad(loss, weights)])
        total = total + gradient
        squares += float(gradient.double().square().sum())
    between = squares - float(total.double().square().sum()) / count
    return SMALL * between / (count - 1)


def dimension(ensemble: Ensemble) -> int:
    """Return n, the number of weights."""
    return sum(stack[0].numel() for stack in ensemble.weights.values())


@dataclass(frozen=True)
class ImitatedBatch:
    """Cross-entropy whose gradient is as noisy as that of a smaller batch.

    Parts of a batch are centred each by itself: their noise has the covariance within the parts, which
    is smaller by 1/part. What is drawn comes from the agent's stream, so that a training resumes.
    """

    imitated: int
    examples: int

    def __call__(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the weighted mean, where gradients are wanted; else the mean."""
        losses = cross_entropy(outputs, targets, reduction="none")
        if not outputs.requires_grad:
            return losses.mean()
        noise = torch.randn_like(losses)
        size = math.sqrt(self.examples / self.imitated)
        return ((1 + size * (noise - noise.mean())) * losses).mean()
