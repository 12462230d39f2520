"""Noise added to gradients, round any optimizer."""

import math
from collections.abc import Callable
from typing import overload

import torch
from torch.optim import Optimizer

from nets.optimizers import checks
from nets.optimizers.noise_streams import GRADIENT_NOISE, NoiseStreams
from nets.optimizers.noisy_optimizer import NoisyOptimizer
from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise import Gaussian
from sdeopt.noise.law import NoiseLaw


class GradientNoise(NoisyOptimizer):
    """An optimizer whose gradients get fresh noise at every step: g ← g + α_t σ.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        The one to wrap.
    law : NoiseLaw
        Gaussian or uniform; its ``level`` is taken at t = 0, 1, 2, ... steps. With
        ``enters="gradient"`` the noise is added to the gradient, and the optimizer makes of it what it
        makes of gradients: SGD multiplies it by η, momentum adds it up. With ``enters="update"`` it is
        added to the weights after the step, at its own size.
    seed : int
        For the noise.

    Notes
    -----
    The large-batch paper takes α_t = η/(1 + t)^0.55 and writes it both ways, eq. (1) and Sec. 3. In an
    SDE, ``"gradient"`` gives SGD the diffusion (η/b) Σ + η α² I, ``"update"`` (η/b) Σ + (α²/η) I.
    A step that a gradient scaler skips draws nothing and does not count.

    Examples
    --------
    >>> import torch
    >>> import sdeopt as so
    >>> from nets.optimizers import GradientNoise
    >>> network = torch.nn.Linear(3, 1)
    >>> law = so.noise.Gaussian(1.0, level=so.schedules.PowerDecay(0.3, exponent=0.55))
    >>> optimizer = GradientNoise(torch.optim.SGD(network.parameters(), lr=0.1), law, seed=7)
    >>> network(torch.ones(2, 3)).sum().backward()
    >>> optimizer.step()
    >>> optimizer.steps
    1
    """

    def __init__(self, optimizer: Optimizer, law: NoiseLaw, *, seed: int = 0) -> None:
        super().__init__(optimizer, NoiseStreams(law, seed, GRADIENT_NOISE))
        if law.enters == "weights":
            raise InvalidArgumentError(
                "the noise law enters at the weights; give WeightNoise that law, or write "
                'enters="gradient" in it.'
            )

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Make one step with noise.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew. Gradients get fresh noise each time.

        Returns
        -------
        float or None
            What the closure returned.
        """
        if self.streams.law.enters == "update":
            loss = self._wrapped_step(closure)
            self._noise_on_weights()
        elif closure is None:
            self._noise_on_gradients()
            loss = self._wrapped_step(None)
        else:
            loss = self._wrapped_step(self._noisy(closure))
        self.steps += 1
        return loss

    def _noisy(self, closure: Callable[[], float]) -> Callable[[], float]:
        def noisy() -> float:
            loss = closure()
            self._noise_on_gradients()
            return loss

        return noisy

    @torch.no_grad()
    def _noise_on_gradients(self) -> None:
        for number, group in self._numbered_groups():
            gradients = [p.grad for p in checks.trained(group["params"]) if p.grad is not None]
            checks.dense(gradients)
            self.streams.add_to(gradients, number, self.steps)

    @torch.no_grad()
    def _noise_on_weights(self) -> None:
        for number, group in self._numbered_groups():
            moved = [p for p in checks.trained(group["params"]) if p.grad is not None]
            self.streams.add_to(moved, number, self.steps)


def restored_batch(
    noise_trace: float, dimension: int, batch_size: int, wanted_batch_size: int
) -> Gaussian:
    """Return the law that restores the noise of a smaller batch, in trace.

    Parameters
    ----------
    noise_trace : float
        tr Σ, of the covariance of a one-example gradient.
    dimension : int
        n, the number of weights.
    batch_size : int
        b, the batch that is used; drawn with replacement or small beside the data.
    wanted_batch_size : int
        b₀ <= b, whose noise is wanted.

    Returns
    -------
    Gaussian
        For `GradientNoise`: α² = (tr Σ / n)(1/b₀ − 1/b). Equal in every direction, so exact beyond the
        trace only where Σ is.

    Raises
    ------
    InvalidArgumentError
        If a number is out of its range, or more examples are wanted than are used.

    Notes
    -----
    The theory's ``large_batch_restored_noise`` proves it and gives the number.

    Examples
    --------
    >>> from nets.optimizers import restored_batch
    >>> round(restored_batch(50.0, 100, 1000, wanted_batch_size=100).standard_deviation, 4)
    0.0671
    """
    import theory

    trace = finite_number(noise_trace, "noise_trace", 0)
    n = whole_number(dimension, "dimension", 1)
    batch = whole_number(batch_size, "batch_size", 1)
    wanted = whole_number(wanted_batch_size, "wanted_batch_size", 1)
    if wanted > batch:
        raise InvalidArgumentError(
            f"wanted_batch_size is {wanted}, but noise can only be added; it must be at most "
            f"batch_size, {batch}."
        )
    variance = theory.load("large_batch_restored_noise").bound(
        noise_trace=trace, dimension=n, batch_size=batch, wanted_batch_size=wanted
    )
    return Gaussian(math.sqrt(variance.item()))
