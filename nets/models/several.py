"""Methods at several numbers of agents: what Figures 8, 9, 11 and 12 have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.models.task import Method, Plan, Task
from sdeopt.errors import InvalidArgumentError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["SeveralConfiguration", "simulate"]


@dataclass(frozen=True, kw_only=True)
class SeveralConfiguration(Task):
    """The task, the coupling and the numbers of agents.

    Parameters
    ----------
    coupling : float
        k.
    numbers : tuple of int
        p, rising, at least two.
    """

    coupling: float = 0.5
    numbers: tuple[int, ...] = (1, 2, 4, 8)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.numbers) < 2 or list(self.numbers) != sorted(set(self.numbers)):
            raise InvalidArgumentError(
                f"numbers is {self.numbers}; give at least two numbers of agents, rising."
            )

    def plans_of(self, method: Method, coupling: float | None = None) -> list[Plan]:
        """Return a method at every number of agents.

        Parameters
        ----------
        method : str
            Which.
        coupling : float, optional
            In place of the configuration's.

        Returns
        -------
        list of Plan
            One a number.
        """
        k = self.coupling if coupling is None else coupling
        return [Plan(method=method, agents=p, coupling=k) for p in self.numbers]

    def plans(self) -> list[Plan]:
        """Return all trainings of the figure."""
        raise NotImplementedError


def simulate(configuration: SeveralConfiguration) -> "xr.Dataset":
    """Train everything that a figure compares.

    Parameters
    ----------
    configuration : SeveralConfiguration
        Of the figure.

    Returns
    -------
    xarray.Dataset
        From `nets.models.trained.trainings`.
    """
    from nets.models.trained import trainings

    return trainings(configuration, configuration.plans())
