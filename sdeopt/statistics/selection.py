"""The statistics of a run: names of numbers that are averaged, and objects that say what to count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sdeopt.arguments import one_of
from sdeopt.errors import InvalidArgumentError
from sdeopt.statistics.first_passage import FirstPassage
from sdeopt.statistics.histogram import Histogram, Histogram2D
from sdeopt.statistics.occupancy import Occupancy
from sdeopt.statistics.quantiles import Quantiles
from sdeopt.statistics.regions import Region, Sublevel

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

Tally: TypeAlias = Occupancy | Histogram2D | Quantiles
"""What is counted in cells."""

Named: TypeAlias = Tally | FirstPassage

StatisticLike: TypeAlias = str | Histogram | Named

OBJECTS = (Histogram, Occupancy, Histogram2D, Quantiles, FirstPassage)

TAKEN = (
    *SCALARS, *MOMENTS, "agents", "mean", "quorum", "diverged_at", "step",
    "time", "iteration", "replica", "agent", "dim", "dim_2", "agents_histogram", "mean_histogram",
)  # fmt: skip
"""Names that variables and dimensions of a result have already."""


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
    tallies : tuple
        What else is counted over a window.
    passages : tuple of FirstPassage
        What is looked for at every step.

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
    tallies: tuple[Tally, ...] = ()
    passages: tuple[FirstPassage, ...] = field(default=())

    @property
    def any(self) -> bool:
        """Whether there is anything to observe over a window."""
        return bool(self.scalars or self.moments or self.agents or self.mean or self.tallies)

    @property
    def named(self) -> tuple[Named, ...]:
        """What has a name of its own."""
        return (*self.tallies, *self.passages)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The sets of all occupancies, then those of the passages."""
        occupied = [one.sets() for one in self.tallies if isinstance(one, Occupancy)]
        return (
            *(each for sets in occupied for each in sets),
            *(one.region for one in self.passages),
        )

    @property
    def values_read(self) -> frozenset[str]:
        """The scalars, with the loss where a set is one of its sublevel sets."""
        sublevel = any(isinstance(each, Sublevel) for each in self.regions)
        return frozenset((*self.scalars, *(["loss"] if sublevel else [])))


def listed(statistics: object) -> tuple[StatisticLike, ...]:
    """Return the requested statistics as a tuple; one alone stands for a list of one."""
    if isinstance(statistics, (str, *OBJECTS)):
        return (statistics,)
    if not isinstance(statistics, Iterable):
        raise InvalidArgumentError(
            f"statistics is {statistics!r:.80}, but must be a list of names and of objects of "
            "sdeopt.statistics."
        )
    return tuple(statistics)


def select(statistics: Sequence[StatisticLike]) -> Selection:
    """Sort the requested statistics.

    Parameters
    ----------
    statistics : sequence of str, Histogram, Histogram2D, Occupancy, Quantiles or FirstPassage
        Names out of `SCALARS` and `MOMENTS`, at most one `Histogram` of each variable, and any number
        of the others, each with a name of its own.

    Returns
    -------
    Selection
        The same, by kind.

    Raises
    ------
    InvalidArgumentError
        For an unknown name (with the nearest known one), a second histogram of a variable, or a name
        that is taken.

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
    given = listed(statistics)
    names = [entry for entry in given if not isinstance(entry, OBJECTS)]
    for name in names:
        one_of(name, "statistic", (*SCALARS, *MOMENTS))
    histograms: dict[str, Histogram] = {}
    taken = set(TAKEN)
    for entry in given:
        if isinstance(entry, Histogram):
            if entry.of in histograms:
                raise InvalidArgumentError(
                    f"two histograms of '{entry.of}' were asked for; one run keeps one of each."
                )
            histograms[entry.of] = entry
        elif isinstance(entry, OBJECTS):
            if entry.name in taken:
                raise InvalidArgumentError(
                    f"two variables of the result would be called '{entry.name}'; give one of them "
                    "another name=."
                )
            taken.add(entry.name)
    return Selection(
        tuple(name for name in SCALARS if name in names),
        tuple(name for name in MOMENTS if name in names),
        histograms.get("agents"),
        histograms.get("mean"),
        tuple(entry for entry in given if isinstance(entry, Tally)),
        tuple(entry for entry in given if isinstance(entry, FirstPassage)),
    )
