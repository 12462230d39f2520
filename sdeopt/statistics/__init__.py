"""What is measured during a run, in memory that does not grow with its steps.

A statistic is averaged or counted over the steps since the previous recorded step (`sdeopt.record`):
with ``record.End()`` over the whole run, with ``record.At([1000, 5000])`` first over the transient and
then over what follows. Scalars, means, covariances and occupancies are kept for every replica, so their
sampling error over replicas is known; histograms and quantiles are pooled. First passages are looked for
at every step of the whole run.
"""

from sdeopt.statistics.first_passage import FirstPassage
from sdeopt.statistics.histogram import Histogram, Histogram2D
from sdeopt.statistics.occupancy import Occupancy
from sdeopt.statistics.quantiles import Quantiles
from sdeopt.statistics.regions import Box, Labels, Region, Sublevel, Where
from sdeopt.statistics.selection import MOMENTS, SCALARS, Selection, StatisticLike, select

__all__ = [
    "MOMENTS",
    "SCALARS",
    "Box",
    "FirstPassage",
    "Histogram",
    "Histogram2D",
    "Labels",
    "Occupancy",
    "Quantiles",
    "Region",
    "Selection",
    "StatisticLike",
    "Sublevel",
    "Where",
    "select",
]
