"""Histograms of the coordinates of agents or means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sdeopt.arguments import finite_number, whole_number
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError
from sdeopt.statistics.counted import Counted, check_of


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
        check_of(self.of, "Histogram")

    @property
    def name(self) -> str:
        """The name of the variable in the result."""
        return f"{self.of}_histogram"


@dataclass(frozen=True)
class Histogram2D(Counted):
    """Counts of two coordinates together in a grid of equal cells, over replicas, time and agents.

    Parameters
    ----------
    low, high : (float, float)
        Ends of the binned interval of either coordinate; what falls outside is counted in a bin at
        either end.
    bins : int or (int, int)
        Number of equal bins between them.
    coordinates : (int, int)
        Which two.
    of : {"agents", "mean"}
        Whose coordinates.
    name : str, optional
        Of the variable in the result; ``"agents_histogram2d"`` by default.

    Examples
    --------
    >>> from sdeopt.statistics import Histogram2D
    >>> Histogram2D((-3, -2), (3, 2), bins=(60, 40)).cells(dim=2)
    2604
    """

    low: Sequence[float]
    high: Sequence[float]
    bins: int | Sequence[int] = 50
    coordinates: Sequence[int] = (0, 1)
    of: str = "agents"
    name: str = ""

    stem = "histogram2d"

    def __post_init__(self) -> None:
        self.settle_name()
        low = tuple(finite_number(each, "low of Histogram2D") for each in _two(self.low, "low"))
        high = tuple(
            finite_number(each, "high of Histogram2D", least, open_end=True)
            for each, least in zip(_two(self.high, "high"), low, strict=True)
        )
        bins = [self.bins] * 2 if isinstance(self.bins, int | np.integer) else self.bins
        counts = tuple(
            whole_number(each, "bins of Histogram2D", minimum=1) for each in _two(bins, "bins")
        )
        chosen = tuple(
            whole_number(each, "a coordinate of Histogram2D")
            for each in _two(self.coordinates, "coordinates")
        )
        for field, value in zip(
            ("low", "high", "bins", "coordinates"), (low, high, counts, chosen), strict=True
        ):
            object.__setattr__(self, field, value)

    def check(self, dim: int) -> None:
        """Refuse coordinates that the loss does not have."""
        if max(self.coordinates) >= dim:
            raise InvalidArgumentError(
                f"Histogram2D counts coordinates {self.coordinates} of a loss of {dim}; "
                f"choose from 0 to {dim - 1}."
            )

    def bin_counts(self) -> tuple[int, int]:
        """Return the number of bins in either direction, with those for what falls outside.

        Returns
        -------
        tuple of int
            Two more than the bins asked for.
        """
        first, second = self.bins  # type: ignore[misc]
        return int(first) + 2, int(second) + 2

    def cells(self, dim: int) -> int:
        """Return the number of cells, with those for what falls outside."""
        first, second = self.bin_counts()
        return first * second


def _two(given: object, name: str) -> Sequence[float]:
    """Return a pair of numbers."""
    if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str) and len(given) == 2:
        return list(given)
    raise InvalidArgumentError(
        f"{name} of Histogram2D is {given!r:.80}; give two numbers, one for each coordinate."
    )
