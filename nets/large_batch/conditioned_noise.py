"""Noise for full batches that has, at every iterate, the covariance of a small batch's gradient.

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
