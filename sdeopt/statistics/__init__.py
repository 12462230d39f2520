"""What is measured during a run, in memory that does not grow with its steps.

A statistic is averaged or counted over the steps since the previous recorded step (`sdeopt.record`):
with ``record.End()`` over the whole run, with ``record.At([1000, 5000])`` first over the transient and
then over what follows. Scalars, means, covariances and occupancies are kept for every replica, so their
sampling error over replicas is known; histograms and quantiles are pooled. First passages are looked for
at every step of the whole run.

What is averaged is observed at every step, or every ``statistics_every`` of them. For losses on the
user's data, whose value passes over all examples, the default is the number of steps that keeps the
work of observing to a tenth of that of the steps; the result's configuration has it as
``observe_every``.
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
