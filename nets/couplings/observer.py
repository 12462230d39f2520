"""A quorum variable that watches and is not felt."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from nets.couplings.rule import Pulling
from nets.weights import Weights
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError

__all__ = ["Observed"]


@dataclass(eq=False)
class Observed(Pulling):
    """A rule whose agents feel the mean, and whose quorum variable may be an average over time.

    Parameters
    ----------
    coupling, period
        As for `Pulling`.
    memory : float, optional
        γ in x~ ← γx~ + (1 − γ)x•, from 0 up to but not including 1; x~ starts at the first x•. It
        steadies what is tested and acts back on no agent. By default the quorum is x• itself.
        RECONSTRUCTED: Boffi & Slotine (2020), Sec. 6.1, use one; the number is not in our text of it.
    """

    memory: float | None = None

    remembered: ClassVar[tuple[str, ...]] = ("_observed",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._observed: Weights | None = None
        if self.memory is None:
            return
        self.memory = finite_number(self.memory, "memory of the quorum variable", 0)
        if self.memory >= 1.0:
            raise InvalidArgumentError(
                f"memory of the quorum variable is {self.memory:g}, but from 1 on it would never "
                "move; choose a number below 1."
            )

    @property
    def quorum(self) -> Weights | None:
        """The average over time, or None where there is none to be taken."""
        return self._observed

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Let the observer see the mean."""
        if self.memory is None:
            return
        before = self._observed or mean
        self._observed = {
            name: before[name].to(value).lerp(value, 1.0 - self.memory)
            for name, value in mean.items()
        }
