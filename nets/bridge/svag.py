"""SVAG: from SGD towards its own SDE, with the noise it really has (Li, Malladi & Arora 2021).

A step of SGD with learning rate η becomes l steps with learning rate η/l, each along

    r₁∇f_B + r₂∇f_B',   r₁ = (1 + √(2l − 1))/2,   r₂ = (1 − √(2l − 1))/2,

for two independent batches B and B'. As r₁ + r₂ = 1, the mean is that of SGD; as r₁² + r₂² = l, the
noise that gathers in a time η is that of SGD too. For l → ∞ this tends to the SDE with the covariance
of SGD, whatever the law of the noise, and l = 1 is SGD. So if averages do not depend on l, SGD is
described by its SDE; where they do, its steps are too large for that.
"""

from math import sqrt

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from torch.nn.functional import cross_entropy

from nets.bridge.subject import Draws, Subject
from nets.ensemble.passes import Criterion

__all__ = ["STATISTICS", "combined_loss", "combined_weights", "matched_time"]

STATISTICS = ("loss", "accuracy", "distance")
"""Training loss, test accuracy and distance from the start: at the end."""


def combined_weights(parts: int) -> tuple[float, float]:
    """Return r₁ and r₂.

    Parameters
    ----------
    parts : int
        l.

    Returns
    -------
    tuple of float
        Their sum is 1, the sum of their squares l.

    Examples
    --------
    >>> from nets.bridge.svag import combined_weights
    >>> combined_weights(1), combined_weights(5)
    ((1.0, 0.0), (2.0, -1.0))
    """
    root = sqrt(2 * parts - 1)
    return (1 + root) / 2, (1 - root) / 2


def combined_loss(parts: int, batch: int) -> Criterion:
    """Return the loss whose gradient SVAG descends, of two batches one behind the other.

    Parameters
    ----------
    parts : int
        l.
    batch : int
        b, the size of each.

    Returns
    -------
    callable
        Of outputs and targets.
    """
    first, second = combined_weights(parts)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        total = first * cross_entropy(outputs[:batch], targets[:batch])
        if second:
            total = total + second * cross_entropy(outputs[batch:], targets[batch:])
        return total

    return loss


def matched_time(
    subject: Subject,
    *,
    rate: float,
    steps: int,
    parts: int,
    batch: int,
    replicas: int,
    seed: tuple[int, ...],
) -> xr.Dataset:
    """Train single agents by SVAG, as long as so many steps of SGD.

    Parameters
    ----------
    subject : Subject
        What is trained, from one initial point.
    rate, steps
        η and the number of steps, of SGD.
    parts : int
        l.
    batch, replicas : int
        b, and how many independent trainings.
    seed : tuple of int
        Of the draws.

    Returns
    -------
    xarray.Dataset
        `STATISTICS` along ``replica``.
    """
    ensemble = subject.ensemble(replicas)
    landscape = subject.landscape()
    start = landscape.points(ensemble.weights)
    draws = Draws(subject.data.train, np.random.default_rng(seed))
    criterion = combined_loss(parts, batch)
    weights, gradients = list(ensemble.weights.values()), list(ensemble.gradients.values())
    for _ in range(steps * parts):
        inputs, targets = draws.batches(replicas, batch if parts == 1 else 2 * batch)
        ensemble.backward(criterion, inputs, targets)
        torch._foreach_add_(weights, gradients, alpha=-rate / parts)
    ends = landscape.points(ensemble.weights)
    found = (
        landscape.losses(ends),
        subject.landscape(subject.data.test).accuracies(ends),
        (ends - start).norm(dim=1),
    )
    named = zip(STATISTICS, found, strict=True)
    return xr.Dataset({name: ("replica", value.cpu().numpy()) for name, value in named})
