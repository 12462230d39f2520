"""Quantiles of coordinates in bounded memory, with a proved relative error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number, real_array, vector
from sdeopt.errors import InvalidArgumentError
from sdeopt.statistics.counted import Counted

FINEST = float(np.finfo(np.float64).eps)
"""The least relative error that numbers can have."""


@dataclass(frozen=True)
class Quantiles(Counted):
    """Quantiles of every coordinate, over replicas, time and agents, each with a bounded error.

    Parameters
    ----------
    probabilities : sequence of float
        Each from 0 to 1.
    of : {"agents", "mean"}
        Whose coordinates.
    accuracy : float
        α, the relative error that is allowed, from 2.2e-16 to below 1.
    smallest, largest : float
        Magnitudes between which the error is relative. Below the smallest a coordinate counts as 0; a
        quantile beyond the largest is reported as infinite.
    name : str, optional
        Of the variable in the result; ``"agents_quantiles"`` by default.

    Notes
    -----
    Magnitudes are counted in buckets (γ^(i−1), γ^i] with γ = (1 + α)/(1 − α), whose representative
    2γ^i/(γ + 1) is within α of all that lies there (Masson, Rim and Lee 2019, Sec. 2). Buckets are in
    order, so for n counted numbers and probability q the value of the bucket that holds the one of rank
    ⌊1 + q(n − 1)⌋ differs from that number x by at most α|x|, or by `smallest` where |x| is below it.
    Nothing is assumed about the law, and counts are whole numbers: the order of counting changes no bit.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=100, step_size=0.1,
    ...                   start=so.start.Point(2.0), statistics=[so.statistics.Quantiles([0.5])])
    >>> abs(run["agents_quantiles"].item() / (2.0 * 0.9**51) - 1.0) < 0.01
    True
    """

    probabilities: Sequence[float]
    of: str = "agents"
    accuracy: float = 0.01
    smallest: float = 1e-6
    largest: float = 1e6
    name: str = ""

    stem = "quantiles"

    def __post_init__(self) -> None:
        self.settle_name()
        name = "probabilities of Quantiles"
        chosen = vector(np.atleast_1d(real_array(self.probabilities, name)), name)
        if np.any((chosen < 0) | (chosen > 1)):
            raise InvalidArgumentError(
                f"probabilities of Quantiles are {self.probabilities!r:.80}; give numbers from 0 to 1."
            )
        object.__setattr__(self, "probabilities", tuple(chosen.tolist()))
        accuracy = finite_number(self.accuracy, "accuracy of Quantiles", FINEST)
        object.__setattr__(self, "accuracy", accuracy)
        smallest = finite_number(self.smallest, "smallest of Quantiles", 0.0, open_end=True)
        object.__setattr__(self, "smallest", smallest)
        largest = finite_number(self.largest, "largest of Quantiles", smallest, open_end=True)
        object.__setattr__(self, "largest", largest)
        if self.accuracy >= 1:
            raise InvalidArgumentError(
                f"accuracy of Quantiles is {self.accuracy:g}, but must be below 1."
            )

    @property
    def growth(self) -> float:
        """The length log γ of a bucket."""
        return math.log1p(self.accuracy) - math.log1p(-self.accuracy)

    def first_and_last(self) -> tuple[int, int]:
        """Return the numbers i of the buckets of the smallest and the largest magnitude."""
        ends = (math.log(end) / self.growth for end in (self.smallest, self.largest))
        first, last = (math.ceil(end) for end in ends)
        return first, last

    def sides(self) -> int:
        """Return how many buckets either side of zero has, with one for what is beyond the largest.

        Returns
        -------
        int
            The number of buckets.
        """
        first, last = self.first_and_last()
        return last - first + 2

    def cells(self, dim: int) -> int:
        """Return the buckets of both sides and of zero, for every coordinate."""
        return dim * (2 * self.sides() + 1)

    def values(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the quantiles of counted numbers.

        Parameters
        ----------
        counts : numpy.ndarray
            (dim, 2 sides + 1): negative magnitudes downwards, zero, positive ones upwards.

        Returns
        -------
        numpy.ndarray
            (dim, probabilities); NaN where nothing was counted.
        """
        first, last = self.first_and_last()
        gamma = math.exp(self.growth)
        upper = 2.0 / (gamma + 1.0) * np.exp(self.growth * np.arange(first, last + 1))
        magnitudes = np.append(upper, np.inf)
        points = np.concatenate([-magnitudes[::-1], [0.0], magnitudes])
        below = counts.cumsum(axis=1)
        total = below[:, -1]
        found = np.full((len(counts), len(self.probabilities)), np.nan)
        for d in range(len(counts)):
            for column, q in enumerate(self.probabilities):
                if total[d]:
                    rank = math.floor(1 + q * (int(total[d]) - 1))
                    found[d, column] = points[np.searchsorted(below[d], rank)]
        return found
