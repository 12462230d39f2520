"""A table over batch sizes, without noise and with it, each at what a search found for it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.large_batch.configuration import LargeBatchTask, NoisyPlan, fitting, increasing
from sdeopt.errors import InvalidArgumentError

if TYPE_CHECKING:
    import xarray as xr

PLAIN, NOISY, CONSTANT = "plain", "noisy", "constant"
"""The kinds of trainings: without noise, with noise that decays, with noise that does not."""


RULES: dict[str, Callable[[float], float]] = {
    "linear": lambda ratio: ratio,
    "square root": math.sqrt,
    "logarithmic": lambda ratio: 1 + math.log(ratio),
}
"""By which factor the learning rate grows with the ratio of batch sizes. The last is RECONSTRUCTED."""


@dataclass(frozen=True, kw_only=True)
class BatchTable(LargeBatchTask):
    """The task at several batch sizes.

    Parameters
    ----------
    batches : tuple of int
        Rising.
    rates : tuple of float
        Learning rates that are searched, with noise and without.
    noises : tuple of float
        η of the noise that are searched.
    rules : tuple of {"linear", "square root", "logarithmic"}
        Scalings of the learning rate, from that of the smallest batch, that are tried at the largest.
    constant : bool
        Whether noise that does not decay is tried at the largest batch, by a search of its own.
    """

    batches: tuple[int, ...]
    rates: tuple[float, ...]
    noises: tuple[float, ...]
    rules: tuple[str, ...] = ()
    constant: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        increasing(self.batches, "batches", fewest=2)
        increasing(self.rates, "rates")
        increasing(self.noises, "noises")
        fitting(self.batches, self.train)
        if min(*self.rates, *self.noises) <= 0:
            raise InvalidArgumentError(
                f"rates are {self.rates} and noises {self.noises}, but must be positive; no noise "
                "is tried in any case."
            )
        for rule in self.rules:
            if rule not in RULES:
                raise InvalidArgumentError(f"rules has {rule!r}; choose from {', '.join(RULES)}.")


def of_kind(kind: str, batch: int) -> str:
    """Return the name of a training in a table."""
    return f"{kind}, B = {batch}"


def tabulated(configuration: BatchTable) -> "xr.Dataset":
    """Search learning rate and noise of every batch size, then train with what was found."""
    from nets.large_batch.search import best, searched
    from nets.large_batch.trainings import compared

    given, largest = configuration, configuration.batches[-1]
    scores = searched(given, given.batches, given.rates, (0.0, *given.noises))
    plans = {}
    for batch in given.batches:
        for kind, with_noise in ((PLAIN, False), (NOISY, True)):
            chosen = best(scores, batch, with_noise=with_noise)
            plans[of_kind(kind, batch)] = NoisyPlan(batch=batch, **chosen._asdict())
    first = plans[of_kind(PLAIN, given.batches[0])]
    for rule in given.rules:
        rate = first.rate * RULES[rule](largest / first.batch)
        plans[of_kind(rule, largest)] = NoisyPlan(batch=largest, rate=rate)
    extra: dict[str, xr.DataArray] = {}
    if given.constant:
        held = searched(given, [largest], given.rates, given.noises, exponent=0.0)
        chosen = best(held, largest, with_noise=True)
        plan = NoisyPlan(batch=largest, **chosen._asdict(), exponent=0.0)
        plans[of_kind(CONSTANT, largest)] = plan
        extra["search_constant"] = held.sel(batch=largest, drop=True).rename(
            search_noise="noise_held"
        )
    return compared(given, plans).assign({"search": scores, **extra})
