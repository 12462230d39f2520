"""What is averaged during a run, in memory that does not grow with its steps.

A statistic is averaged over the steps since the previous recorded step (`sdeopt.record`): with
``record.End()`` over the whole run, with ``record.At([1000, 5000])`` first over the transient and
then over what follows. Scalars, means and covariances are kept for every replica, so their sampling
error over replicas is known; histograms are pooled.

What is averaged is observed at every step, or every ``statistics_every`` of them. For losses on the
user's data, whose value passes over all examples, the default is the number of steps that keeps the
work of observing to a tenth of that of the steps; the result's configuration has it as
``observe_every``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sdeopt.arguments import finite_number, whole_number
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError, unknown_name

__all__ = ["MOMENTS", "SCALARS", "Histogram", "Selection", "StatisticLike", "select"]

SCALARS: dict[str, tuple[str, str]] = {
    "synchronization": ("sum over agents of ||x^i - x.||^2", "parameter units^2"),
    "loss": ("mean over agents of f(x^i)", "loss units"),
    "loss_of_mean": ("f(x.)", "loss units"),
    "loss_of_quorum": ("f(x~)", "loss units"),
    "distortion": ("||grad f(x.) - mean over agents of grad f(x^i)||", "loss / parameter units"),
}
"""Name, meaning and units of the numbers averaged in time for every replica."""

MOMENTS = ("agent_mean", "agent_covariance")
"""Mean and covariance of the agents' states over agents and time, for every replica."""


@dataclass(frozen=True)
class Histogram(Configured):
    """Counts of every coordinate in equal bins, over replicas, time and agents.

    Parameters
    ----------
    low, high : float
        Ends of the binned interval; what falls outside is counted in a bin at either end.
    bins : int
        Number of equal bins between them.
    of : {"agents", "mean"}
        Whose coordinates.

    Examples
    --------
    >>> from sdeopt.statistics import Histogram
    >>> Histogram(-3, 3, bins=60).name
    'agents_histogram'
    """

    low: float
    high: float
    bins: int = 100
    of: str = "agents"

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", finite_number(self.low, "low of Histogram"))
        high = finite_number(self.high, "high of Histogram", self.low, open_end=True)
        object.__setattr__(self, "high", high)
        object.__setattr__(self, "bins", whole_number(self.bins, "bins of Histogram", minimum=1))
        if self.of not in ("agents", "mean"):
            raise unknown_name("variable to count called", str(self.of), ("agents", "mean"))

    @property
    def name(self) -> str:
        """The name of the variable in the result."""
        return f"{self.of}_histogram"


StatisticLike: TypeAlias = str | Histogram


@dataclass(frozen=True)
class Selection:
    """The statistics of a run, sorted by kind.

    Parameters
    ----------
    scalars : tuple of str
        Out of `SCALARS`.
    moments : tuple of str
        Out of `MOMENTS`.
    agents, mean : Histogram or None
        The histograms.

    Examples
    --------
    >>> from sdeopt.statistics import select
    >>> select([]).any, select(["loss"]).any
    (False, True)
    """

    scalars: tuple[str, ...]
    moments: tuple[str, ...]
    agents: Histogram | None
    mean: Histogram | None

    @property
    def any(self) -> bool:
        """Whether there is anything to observe."""
        return bool(self.scalars or self.moments or self.agents or self.mean)


def select(statistics: Sequence[StatisticLike]) -> Selection:
    """Sort the requested statistics.

    Parameters
    ----------
    statistics : sequence of str or Histogram
        Names out of `SCALARS` and `MOMENTS`, and at most one histogram of each variable.

    Returns
    -------
    Selection
        The same, by kind.

    Raises
    ------
    InvalidArgumentError
        For an unknown name (with the nearest known one) or a second histogram of a variable.

    Examples
    --------
    >>> from sdeopt.statistics import select
    >>> select(["loss", "synchronization"]).scalars
    ('synchronization', 'loss')
    >>> select(["los"])
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: there is no statistic 'los'; did you mean 'loss'? \
Known: agent_covariance, agent_mean, distortion, loss, loss_of_mean, loss_of_quorum, \
synchronization.
    """
    given = [statistics] if isinstance(statistics, str | Histogram) else list(statistics)
    names = [entry for entry in given if not isinstance(entry, Histogram)]
    for name in names:
        if name not in (*SCALARS, *MOMENTS):
            raise unknown_name("statistic", str(name), (*SCALARS, *MOMENTS))
    histograms: dict[str, Histogram] = {}
    for entry in given:
        if isinstance(entry, Histogram):
            if entry.of in histograms:
                raise InvalidArgumentError(
                    f"two histograms of '{entry.of}' were asked for; one run keeps one of each."
                )
            histograms[entry.of] = entry
    return Selection(
        tuple(name for name in SCALARS if name in names),
        tuple(name for name in MOMENTS if name in names),
        histograms.get("agents"),
        histograms.get("mean"),
    )
