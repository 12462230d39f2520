"""Noise added to weights before the gradient is taken, round any optimizer."""

from collections.abc import Callable
from typing import Any, Literal, get_args, overload

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from nets.optimizers import checks
from nets.optimizers.noise_streams import WEIGHT_NOISE, NoiseStreams
from nets.optimizers.noisy_optimizer import NoisyOptimizer
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.noise.law import NoiseLaw

When = Literal["initialization", "step", "synchronization"]


class WeightNoise(NoisyOptimizer):
    """An optimizer whose gradients are taken at noisy weights: w ← φ(w + ε_t ψ), ψ fresh.

    The noise comes before the forward pass, so a step alone cannot add it. Use one of three ways: give
    ``step`` a closure; or `attach` the network, whose training passes then add it; or call `inject`
    before every pass, as `nets.Trainer` does. Between steps the weights are without the next noise, so
    that averages over agents and validation use the weights of the algorithm. Frozen parameters
    (``requires_grad=False``) get none.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        φ.
    law : NoiseLaw
        ψ, Gaussian or uniform, with ``enters="weights"``; its ``level`` ε is taken at t = 0, 1, 2, ...
        steps. `sdeopt.schedules.InverseRound` divides it by the number of the round.
    when : {"step", "initialization", "synchronization"}
        Whether before every step, before the first, or before the first and then after every
        synchronization.
    period : int, optional
        Steps from one synchronization to the next.
    seed : int
        For the noise.

    Notes
    -----
    Algorithm 1 of Adilova et al. (2018), whose experiments add noise at initialization, or at every
    synchronization and divided by its number.

    Examples
    --------
    >>> import torch
    >>> import sdeopt as so
    >>> from nets.optimizers import WeightNoise
    >>> network = torch.nn.Linear(3, 1)
    >>> level = so.schedules.InverseRound(1.0, period=10)
    >>> law = so.noise.Uniform(0.5, level=level, enters="weights")
    >>> sgd = torch.optim.SGD(network.parameters(), lr=0.1)
    >>> optimizer = WeightNoise(sgd, law, when="synchronization", period=10, seed=7)
    >>> handle = optimizer.attach(network)
    >>> network(torch.ones(2, 3)).sum().backward()
    >>> optimizer.step()
    """

    when: When
    period: int
    injected: bool
    copied = (*NoisyOptimizer.copied, "when", "period", "injected")

    def __init__(
        self,
        optimizer: Optimizer,
        law: NoiseLaw,
        *,
        when: When = "step",
        period: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(optimizer, NoiseStreams(law, seed, WEIGHT_NOISE))
        if law.enters != "weights":
            raise InvalidArgumentError(
                f'the noise law enters at the {law.enters}; write enters="weights" in it, or wrap '
                "the optimizer in GradientNoise."
            )
        if when not in get_args(When):
            raise unknown_name("time for weight noise called", str(when), get_args(When))
        if (period is None) == (when == "synchronization"):
            raise InvalidArgumentError(
                f'period is {period!r} with when="{when}"; noise at every synchronization needs the '
                "number of steps between two, other noise takes none."
            )
        self.when = when
        self.period = 1 if period is None else whole_number(period, "period", 1)
        self.injected = False

    @property
    def due(self) -> bool:
        """Whether this step's noise is still to be added."""
        if self.injected:
            return False
        return self.steps == 0 if self.when == "initialization" else self.steps % self.period == 0

    @torch.no_grad()
    def inject(self) -> None:
        """Add this step's noise to the weights, if there is any and it is not there yet."""
        super().inject()
        if not self.due:
            return
        for number, group in self._numbered_groups():
            self.streams.add_to(checks.trained(group["params"]), number, self.steps)
        self.injected = True

    def attach(self, network: nn.Module) -> RemovableHandle:
        """Let a network's training passes call `inject`.

        Parameters
        ----------
        network : torch.nn.Module
            Passes in evaluation mode or without gradients leave the weights alone.

        Returns
        -------
        torch.utils.hooks.RemovableHandle
            Its ``remove()`` ends this.
        """

        def before_a_pass(module: nn.Module, _: Any) -> None:
            if module.training and torch.is_grad_enabled():
                self.inject()

        return network.register_forward_pre_hook(before_a_pass)

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Make one step from the noisy weights.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew, at the noisy weights.

        Returns
        -------
        float or None
            What the closure returned.
        """
        if closure is not None:
            self.inject()
        elif self.due:
            raise InvalidArgumentError(
                "step() came before this step's noise was added, so the gradient was taken without "
                "it; call inject() before the forward pass, attach(network), or give step a closure."
            )
        loss = self._wrapped_step(closure)
        self.steps += 1
        self.injected = False
        return loss

    def _record(self) -> dict[str, Any]:
        return {**super()._record(), "injected": self.injected}

    def _load_record(self, record: dict[str, Any]) -> None:
        super()._load_record(record)
        self.injected = record["injected"]
