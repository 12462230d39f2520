"""Optimizers of single agents at several learning rates: what Figure 10 and Table 1 have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nets.models.task import PAPER_TASK, QUICK_TASK, Single, Task
from sdeopt.errors import InvalidArgumentError

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "METHODS",
    "PAPER_SINGLE",
    "QUICK_SINGLE",
    "RECONSTRUCTED",
    "SingleConfiguration",
    "simulate",
]

METHODS: tuple[Single, ...] = ("EASGD-WM", "EASGD", "MSGD")


@dataclass(frozen=True, kw_only=True)
class SingleConfiguration(Task):
    """The task and the settings.

    Parameters
    ----------
    coupling : float
        k of both EASGD variants.
    rates : tuple of float
        Initial learning rates η, in place of the task's.
    momenta : tuple of float
        δ of EASGD and MSGD, in place of the task's.
    """

    coupling: float
    rates: tuple[float, ...]
    momenta: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.rates and self.momenta):
            raise InvalidArgumentError("rates and momenta need at least one number each.")


QUICK_SINGLE: dict[str, Any] = QUICK_TASK | {
    "coupling": 5.0,
    "epochs": 60,
    # a run has 400 training examples that no other run sees: 5 × 400 are all there are
    "rates": (0.02, 0.03, 0.05, 0.07),
}

PAPER_SINGLE: dict[str, Any] = PAPER_TASK | {"coupling": 0.5, "rates": (0.01, 0.025, 0.05, 0.1)}

RECONSTRUCTED = (
    "the learning rates, the coupling and the number of epochs",
    "what is tested: the quorum variable x~ of EASGD, the position of MSGD, after each epoch",
    "quick scale: every run has 400 digits of its own, and 2,500 others test; 60 epochs, because "
    "SGD without momentum is ten times slower than with momentum 0.9",
)


def simulate(configuration: SingleConfiguration) -> "xr.Dataset":
    """Train every method at every setting.

    Parameters
    ----------
    configuration : SingleConfiguration
        Task and settings.

    Returns
    -------
    xarray.Dataset
        From `nets.models.alone.alone_at`.
    """
    from nets.models.alone import alone_at

    return alone_at(
        configuration, METHODS, configuration.rates, configuration.momenta, configuration.coupling
    )
