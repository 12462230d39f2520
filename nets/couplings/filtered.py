"""A quorum variable that agents feel and that follows them by dynamics of its own."""

from dataclasses import dataclass

from nets.couplings.rule import Pulling
from nets.weights import Weights

__all__ = ["Filtered"]


@dataclass(eq=False)
class Filtered(Pulling):
    """A rule whose agents are pulled to x~, which starts at the first mean; `advance` moves it.

    Parameters
    ----------
    coupling, period
        As for `Pulling`.
    """

    remembered = ("_quorum",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._quorum: Weights | None = None

    @property
    def quorum(self) -> Weights | None:
        """x~, or None as long as it is the mean."""
        return self._quorum

    def centre(self, mean: Weights) -> Weights:
        """Return x~, where the mean is."""
        if self._quorum is None:
            return mean
        # one that was read from a checkpoint may be on another device
        return {name: self._quorum[name].to(value) for name, value in mean.items()}
