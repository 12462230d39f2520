"""Gradient descent on all examples, with added noise or without: what Fig. 2 and Table 3 share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.large_batch.batch_table import NOISY, PLAIN
from nets.large_batch.configuration import LargeBatchTask, NoisyPlan
from sdeopt.arguments import finite_number, whole_number

if TYPE_CHECKING:
    import xarray as xr

CONDITIONED = "conditioned"
"""The name of trainings with noise that depends on the weights."""

WORDS = {PLAIN: "no noise", NOISY: "isotropic noise", CONDITIONED: "conditioned noise"}


@dataclass(frozen=True, kw_only=True)
class FullBatch(LargeBatchTask):
    """Gradient descent on all training examples: an epoch is one update.

    Parameters
    ----------
    rate : float
        ε.
    noise : float
        η of isotropic noise.
    imitated : int
        The batch whose noise the noise conditioned on the iterate has; 0 is none of it.
    """

    rate: float = 0.01
    noise: float = 1.0
    imitated: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        finite_number(self.rate, "rate", minimum=0, open_end=True)
        finite_number(self.noise, "noise", minimum=0, open_end=True)
        whole_number(self.imitated, "imitated")


def descended(configuration: FullBatch) -> "xr.Dataset":
    """Train without noise, with isotropic noise and, where it is asked for, with conditioned noise."""
    from nets.large_batch.images import examples_of
    from nets.large_batch.trainings import compared

    given, every = configuration, examples_of(configuration)
    plans = {
        PLAIN: NoisyPlan(batch=every, rate=given.rate),
        NOISY: NoisyPlan(batch=every, rate=given.rate, noise=given.noise),
    }
    if given.imitated:
        plans[CONDITIONED] = NoisyPlan(batch=every, rate=given.rate, imitated=given.imitated)
    return compared(given, plans)


def names_of(result: "xr.Dataset") -> dict[str, str]:
    """Return the plans of a result with the words for their noise."""
    return {name: words for name, words in WORDS.items() if name in result["plan"].values}
