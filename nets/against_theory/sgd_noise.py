"""How noisy a stochastic gradient is at a point, and SVAG, from SGD towards its own SDE.

A step of SGD with learning rate η becomes l steps with learning rate η/l, each along

    r₁∇f_B + r₂∇f_B',   r₁ = (1 + √(2l − 1))/2,   r₂ = (1 − √(2l − 1))/2,

for two independent batches B and B'. As r₁ + r₂ = 1, the mean is that of SGD; as r₁² + r₂² = l, the
noise that gathers in a time η is that of SGD too. For l → ∞ this tends to the SDE with the covariance
of SGD, whatever the law of the noise, and l = 1 is SGD. So if averages do not depend on l, SGD is
described by its SDE; where they do, its steps are too large for that.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from torch.nn.functional import cross_entropy

from nets.against_theory.landscape import Draws, Landscape, Subject
from nets.data import AgentBatches
from nets.ensemble.passes import Criterion


class TraceEstimate(NamedTuple):
    """tr Σ from some of the examples."""

    value: float
    error: float


def exact_trace(landscape: Landscape, point: Tensor) -> float:
    """Return tr Σ = (1/N) Σ ‖∇f_j − ∇f‖² over all N examples."""
    gradients = landscape.example_gradients(point)
    return float((gradients - gradients.mean(0)).square().sum(1).mean())


def estimated_trace(
    landscape: Landscape, point: Tensor, examples: int, rng: np.random.Generator
) -> TraceEstimate:
    """Return tr Σ estimated from examples drawn with replacement."""
    rows = torch.from_numpy(rng.integers(landscape.examples, size=examples))
    rows = rows.to(landscape.targets.device)
    drawn = landscape.on(landscape.inputs[rows], landscape.targets[rows])
    gradients = drawn.example_gradients(point)
    squares = (gradients - gradients.mean(0)).square().sum(1)
    value = float(squares.sum()) / (examples - 1)
    return TraceEstimate(value, float(squares.std()) / float(np.sqrt(examples)))


def by_batch_size(
    subject: Subject,
    point: Tensor,
    batches: tuple[int, ...],
    repeats: int,
    seed: tuple[int, ...],
) -> xr.Dataset:
    """Measure E‖ĝ − ∇f‖² of gradients ĝ on batches, drawn with replacement and as training does."""
    landscape = subject.landscape()
    gradient = landscape.gradients(point[None])[0]
    draws = Draws(subject.data.train, np.random.default_rng(seed))
    found: dict[str, list[np.ndarray]] = {"with_replacement": [], "without_replacement": []}
    for place, batch in enumerate(batches):
        orders = AgentBatches(subject.data, repeats, batch, seed=sum(seed) + place)
        drawn = draws.batches(repeats, batch), orders.at(0, 0)
        for name, (inputs, targets) in zip(found, drawn, strict=True):
            noise = landscape.batch_gradients(point, inputs, targets) - gradient
            found[name].append(noise.square().sum(1).cpu().numpy())
    columns = {name: (("batch", "repeat"), np.stack(rows)) for name, rows in found.items()}
    return xr.Dataset(columns, coords={"batch": list(batches)})


STATISTICS = ("loss", "accuracy", "distance")
"""Training loss, test accuracy and distance from the start: at the end."""


def combined_weights(parts: int) -> tuple[float, float]:
    """Return r₁ and r₂."""
    root = sqrt(2 * parts - 1)
    return (1 + root) / 2, (1 - root) / 2


def combined_loss(parts: int, batch: int) -> Criterion:
    """Return the loss whose gradient SVAG descends, of two batches one behind the other."""
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
    """Train single agents by SVAG, as long as so many steps of SGD."""
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
