"""tr Σ: how noisy the gradient of one example is, in all directions together."""

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
