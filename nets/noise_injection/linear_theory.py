"""What is proved of noise on linear models, beside a network of three linear layers in torch.

With its other layers held, the network w·V(Ux + a) + c is linear in its first layer, so that Lemma 1 and
the covariance of Algorithm 1 (``adilova_covariance``) hold exactly. Outputs see of the first layer
u = q(U, a) alone, with q the direction of Vᵀw: a linear model of the inputs and a 1, in units of ‖Vᵀw‖.

With noise on all three layers, nothing is linear, and the expected step drifts
(``adilova_deep_linear``).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, vmap

from nets import networks
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from nets.optimizers import WeightNoise
from sdeopt import noise, schedules
from sdeopt.experiments.measured import Array

STEP = 0.5
"""Of the learning rate: its product with the largest curvature of the first batch."""

BLOCK = 500
"""Networks whose gradients are taken together."""


def layers_of(network: nn.Module) -> list[nn.Linear]:
    """Return the linear layers, from the inputs on."""
    return [each for each in network.modules() if isinstance(each, nn.Linear)]


def squared(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of a batch: the sum over its examples, as in eq. (1)."""
    return ((outputs - targets) ** 2).sum() / 2


@dataclass(frozen=True)
class FirstLayer:
    """What Algorithm 1 gives for the first layer: in replicas, and exactly."""

    replicas: Array
    """u of the averaged model, (replica, weight)."""

    expected: Array
    covariance: Array


def first_layer(
    data: DataSet,
    learners: int,
    rounds: int,
    period: int,
    replicas: int,
    half_width: float,
    seed: int,
) -> FirstLayer:
    """Run Algorithm 1 in torch with noise at every step, and iterate its moments."""
    ensemble = Ensemble(
        lambda: _first_alone(data), learners * replicas, seed=seed, together=True, way="batched"
    )
    batches = AgentBatches(data, learners, 10, seed)
    given = [batches.at(0, step) for step in range(rounds * period)]
    seen = _seen(ensemble.module(0), data.shape[0])
    levels = schedules.InverseRound(1.0, period=period)
    moments = _moments(seen, given, period, levels(np.arange(float(len(given)))) * half_width)
    law = noise.Uniform(half_width, level=levels, enters="weights")
    optimizer = WeightNoise(torch.optim.SGD(ensemble.groups(), lr=moments.rate), law, seed=seed)
    for step, (inputs, targets) in enumerate(given):
        optimizer.inject()
        copies = (replicas,) + (1,) * (inputs.ndim - 1)
        ensemble.backward(squared, inputs.repeat(copies), targets.repeat(replicas, 1, 1))
        optimizer.step()
        if (step + 1) % period == 0:
            for stack in ensemble.weights.values():
                models = stack.view(replicas, learners, *stack.shape[1:])
                models.copy_(models.mean(1, keepdim=True).expand_as(models))
    weights = [stack[::learners].double().numpy() for stack in ensemble.weights.values()]
    u = np.concatenate(
        [seen.direction @ weights[0], (weights[1] @ seen.direction)[:, None]], axis=1
    )
    return FirstLayer(u, moments.mean, moments.covariance)


def _first_alone(data: DataSet) -> nn.Module:
    """Return the network with all but its first layer held."""
    network: nn.Module = networks.load("susy_linear", data)()
    for layer in layers_of(network)[1:]:
        layer.requires_grad_(False)
    return network


@dataclass(frozen=True)
class Seen:
    """What outputs see of the first layer: its direction, the length of Vᵀw, the rest, the start."""

    direction: Array
    length: float
    rest: float
    start: Array


def _seen(network: nn.Module, features: int) -> Seen:
    first, middle, last = (
        [values.detach().double().numpy() for values in layer.parameters()]
        for layer in layers_of(network)
    )
    q = last[0][0] @ middle[0]
    length = float(np.linalg.norm(q))
    rest = float(last[0][0] @ middle[1] + last[1][0])
    start = np.append(q @ first[0], q @ first[1]) / length
    assert start.shape == (features + 1,)
    return Seen(q / length, length, rest, start)


@dataclass(frozen=True)
class Moments:
    """Mean and covariance of the averaged model, and the learning rate they are for."""

    mean: Array
    covariance: Array
    rate: float


def _moments(seen: Seen, batches: list[Any], period: int, half_widths: Array) -> Moments:
    """Iterate mean and covariance: between averagings a learner's own M acts on what all share."""
    first = _design(batches[0][0][0], seen.length)
    rate = STEP / float(np.linalg.eigvalsh(first.T @ first)[-1])
    learners, dim = len(batches[0][0]), len(seen.start)
    means = np.tile(seen.start, (learners, 1))
    common, own, paths = np.zeros((dim, dim)), np.zeros((learners, dim, dim)), _eyes(learners, dim)
    for step, (inputs, targets) in enumerate(batches):
        added = half_widths[step] ** 2 / 3 * np.eye(dim)
        for i in range(learners):
            x = _design(inputs[i], seen.length)
            y = targets[i].double().numpy()[:, 0] - seen.rest
            contraction = np.eye(dim) - rate * x.T @ x
            means[i] = contraction @ means[i] + rate * x.T @ y
            own[i] = contraction @ (own[i] + added) @ contraction.T
            paths[i] = contraction @ paths[i]
        if (step + 1) % period == 0:
            path = paths.mean(axis=0)
            common = path @ common @ path.T + own.sum(axis=0) / learners**2
            means[:] = means.mean(axis=0)
            own, paths = np.zeros_like(own), _eyes(learners, dim)
    return Moments(means[0], common, rate)


def _eyes(learners: int, dim: int) -> Array:
    return np.tile(np.eye(dim), (learners, 1, 1))


def _design(inputs: torch.Tensor, length: float) -> Array:
    x = inputs.double().numpy()
    return np.asarray(length * np.column_stack([x, np.ones(len(x))]))


LAYERS = ("U", "V", "w")


def drift(
    data: DataSet, steps: int, pairs: int, deviation: float, rate: float, seed: int
) -> tuple[Array, Array]:
    """Return what noise adds to a step after some steps without it: measured and predicted.

    Measured in single pairs of noise and its negative, along the prediction and over its length, so
    that their mean is to be 1: (layer, pair). The second is the length of the prediction over that of
    the step without noise, for each layer. The network has no biases.
    """
    torch.manual_seed(seed)
    network: nn.Module = networks.load("susy_linear", data)()
    weights = {
        name: values.detach().double() * ("weight" in name)
        for name, values in network.named_parameters()
    }
    names = [name for name in weights if "weight" in name]
    batches = AgentBatches(data, 1, 10, seed)

    def gradients(points: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> Any:
        return grad(lambda each: squared(functional_call(network, each, (x,)), y))(points)

    for step in range(steps + 1):
        x, y = (each[0].double() for each in batches.at(0, step))
        still = gradients(weights, x, y)
        if step < steps:
            weights.update({name: weights[name] - rate * still[name] for name in names})
    predicted = _predicted([weights[name].numpy() for name in names], x.numpy(), deviation)
    random, found = torch.Generator().manual_seed(seed), []
    for _ in range(pairs // BLOCK):
        shifts = {
            name: deviation * torch.randn(BLOCK, *weights[name].shape, generator=random).double()
            for name in names
        }
        both = [
            vmap(
                lambda each: gradients(
                    {**weights, **{n: weights[n] + each[n] for n in names}}, x, y
                )
            )({name: sign * value for name, value in shifts.items()})
            for sign in (1.0, -1.0)
        ]
        found.append(
            [
                ((both[0][name] + both[1][name]) / 2 - still[name]).flatten(1).numpy()
                @ expected.ravel()
                / (expected**2).sum()
                for name, expected in zip(names, predicted, strict=True)
            ]
        )
    lengths = [
        float(np.linalg.norm(expected) / np.linalg.norm(still[name].numpy()))
        for name, expected in zip(names, predicted, strict=True)
    ]
    return np.concatenate(found, axis=1), np.array(lengths)


def _predicted(weights: list[Array], x: Array, deviation: float) -> list[Array]:
    """Return what noise adds to the expected gradient of three layers: ``adilova_deep_linear``."""
    first, middle, last = weights[0], weights[1], weights[2][0]
    gram, variance = x.T @ x, deviation**2
    hidden, trace = first @ gram @ first.T, np.trace(gram)
    second_width, first_width = middle.shape
    square = float(last @ last)
    of_first = variance * (
        middle.T @ middle + (square + variance * second_width) * np.eye(first_width)
    )
    of_middle = (
        middle @ hidden + trace * (np.outer(last, last) + variance * np.eye(second_width)) @ middle
    )
    of_last = trace * middle @ middle.T + (
        np.trace(hidden) + variance * first_width * trace
    ) * np.eye(second_width)
    return [of_first @ first @ gram, variance * of_middle, variance * (of_last @ last)[None]]
