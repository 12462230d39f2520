"""How noisy a stochastic gradient is at one point: tr Σ, and its fall with the size of the batch."""

from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from nets.bridge.landscape import Landscape
from nets.bridge.subject import Draws, Subject
from nets.data import AgentBatches

__all__ = ["TraceEstimate", "by_batch_size", "estimated_trace", "exact_trace"]


class TraceEstimate(NamedTuple):
    """tr Σ from some of the examples.

    Parameters
    ----------
    value, error : float
        The estimate, which is unbiased, and its standard error.
    """

    value: float
    error: float


def exact_trace(landscape: Landscape, point: Tensor) -> float:
    """Return tr Σ = (1/N) Σ ‖∇f_j − ∇f‖² over all N examples.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    point : torch.Tensor
        Of shape (n,).

    Returns
    -------
    float
        Of the noise of one example, drawn at random.
    """
    gradients = landscape.example_gradients(point)
    return float((gradients - gradients.mean(0)).square().sum(1).mean())


def estimated_trace(
    landscape: Landscape, point: Tensor, examples: int, rng: np.random.Generator
) -> TraceEstimate:
    """Return tr Σ estimated from examples drawn with replacement.

    Parameters
    ----------
    landscape : Landscape
        The loss.
    point : torch.Tensor
        Of shape (n,).
    examples : int
        m, at least 2. Each contributes ‖∇f_j − their mean‖²/(m − 1).
    rng : numpy.random.Generator
        What decides which.

    Returns
    -------
    TraceEstimate
        Its error is that of the mean of independent squares, which to leading order it is.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from nets.bridge.gradient_noise import estimated_trace, exact_trace
    >>> from nets.bridge.landscape import Landscape
    >>> line = torch.nn.Linear(1, 1, bias=False)
    >>> targets = torch.tensor([[1.0], [-1.0]])
    >>> f = Landscape(line, torch.nn.functional.mse_loss, torch.ones(2, 1), targets)
    >>> exact_trace(f, torch.tensor([0.5]))
    4.0
    >>> found = estimated_trace(f, torch.tensor([0.5]), 500, np.random.default_rng(1))
    >>> abs(found.value - 4.0) < 0.1
    True
    """
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
    """Measure E‖ĝ − ∇f‖² of gradients ĝ on batches, drawn with replacement and as training does.

    Parameters
    ----------
    subject : Subject
        Network and data.
    point : torch.Tensor
        Of shape (n,).
    batches : tuple of int
        Sizes b.
    repeats : int
        Independent batches of each size.
    seed : tuple of int
        Of the draws.

    Returns
    -------
    xarray.Dataset
        ``with_replacement`` and ``without_replacement`` (batch, repeat). The latter are first
        batches of an epoch of `nets.data.AgentBatches`.
    """
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
