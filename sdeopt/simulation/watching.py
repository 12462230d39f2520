"""The tables of what a run counts in cells and looks for in sets, and their way to the result."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.watched import (
    OCCUPANCY,
    PLANE,
    SETTINGS,
    SKETCH,
    USERS,
    Passages,
    Regions,
    Tallies,
    Watched,
)
from sdeopt.simulation.layout import Layout
from sdeopt.statistics import Histogram2D, Occupancy, Quantiles, Selection

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[np.generic]]

KINDS = {Occupancy: OCCUPANCY, Histogram2D: PLANE, Quantiles: SKETCH}

NEVER = -1.0
"""The step of a passage that has not been seen."""


@dataclass
class Watching:
    """What is counted since a window was opened, and what has been found since the start."""

    selection: Selection
    layout: Layout
    tables: Watched = field(init=False)

    def __post_init__(self) -> None:
        self._pooled: dict[int, NDArray[np.int64]] = {}
        self.tables = Watched(self._regions(), self._tallies(), self._passages())

    def _regions(self) -> Regions:
        chosen, dim = self.selection.regions, self.layout.dim
        return Regions(
            kinds=np.array([each.kind for each in chosen], np.int64),
            addresses=np.zeros(len(chosen), np.int64),
            bounds=np.array([each.bounds(dim) for each in chosen]).reshape(len(chosen), 2, dim),
        )

    def _tallies(self) -> Tallies:
        chosen, layout = self.selection.tallies, self.layout
        settings = np.zeros((len(chosen), SETTINGS))
        first, sets = [0, 0], 0
        places = []
        for row, one in zip(settings, chosen, strict=True):
            numbers = settings_of(one, sets)
            row[: len(numbers)] = numbers
            own = isinstance(one, Occupancy)
            sets += len(one.sets()) if isinstance(one, Occupancy) else 0
            places.append(first[own])
            first[own] += one.cells(layout.dim)
        return Tallies(
            kinds=np.array([KINDS[type(one)] for one in chosen], np.int64),
            of_agents=np.array([one.of == "agents" for one in chosen], np.int64),
            first=np.array(places, np.int64),
            settings=settings,
            occupied=np.zeros((layout.blocks, layout.width, first[True]), np.int64),
            pooled=np.zeros(first[False], np.int64),
        )

    def _passages(self) -> Passages:
        chosen, layout = self.selection.passages, self.layout
        before = len(self.selection.regions) - len(chosen)
        count, agents = len(chosen), any(one.of == "agents" for one in chosen)
        return Passages(
            ending=any(one.ends for one in chosen),
            region=np.arange(before, before + count),
            of_agents=np.array([one.of == "agents" for one in chosen], np.int64),
            wanted=np.array([one.when == "enters" for one in chosen], np.float64),
            ends=np.array([one.ends for one in chosen], np.int64),
            by_mean=np.full((layout.blocks, count, layout.width), NEVER),
            by_agents=np.full((layout.blocks, count if agents else 0, layout.lanes), NEVER),
            held=np.zeros((layout.blocks, layout.width), np.int64),
        )

    def set_functions(self, addresses: list[int]) -> None:
        """Take the addresses of the user's functions."""
        regions = self.tables.regions
        regions.addresses[regions.kinds == USERS] = addresses

    def tables_of(self, thread: int) -> Watched:
        """Return the tables for a thread, which counts the cells of all replicas by itself."""
        pooled = self._pooled.setdefault(thread, np.zeros_like(self.tables.tallies.pooled))
        return self.tables._replace(tallies=self.tables.tallies._replace(pooled=pooled))

    def open_window(self) -> None:
        """Forget the counts; passages stay."""
        self.tables.tallies.occupied[:] = 0
        for pooled in self._pooled.values():
            pooled[:] = 0

    def _counted(self) -> NDArray[np.int64]:
        """Return the counts of all threads together."""
        whole = np.zeros_like(self.tables.tallies.pooled)
        return np.asarray(sum(self._pooled.values(), whole))

    def _occupied(self) -> NDArray[np.int64]:
        blocks, width, cells = self.tables.tallies.occupied.shape
        every = self.tables.tallies.occupied.reshape(blocks * width, cells)
        return every[: self.layout.replicas].copy()

    def results(self, looks: int) -> dict[str, NDArray[Any]]:
        """Return the tallies of a window of so many observations by variable name."""
        counted, occupied, dim = self._counted(), self._occupied(), self.layout.dim
        found: dict[str, NDArray[Any]] = {}
        for one, first in zip(self.selection.tallies, self.tables.tallies.first, strict=True):
            chosen = slice(first, first + one.cells(dim))
            if isinstance(one, Occupancy):
                whole = looks * (self.layout.agents if one.of == "agents" else 1)
                found[one.name] = occupied[:, chosen] / whole
            elif isinstance(one, Histogram2D):
                found[one.name] = counted[chosen].reshape(one.bin_counts())
            else:
                found[one.name] = one.values(counted[chosen].reshape(dim, -1))
        return found

    def passages(self) -> dict[str, NDArray[np.int64]]:
        """Return the step of every passage by variable name, −1 where there was none."""
        tables, layout = self.tables.passages, self.layout
        found = {}
        for number, one in enumerate(self.selection.passages):
            if one.of == "agents":
                steps = layout.from_blocks(tables.by_agents)[:, :, number]
            else:
                steps = layout.per_replica_from_blocks(tables.by_mean)[:, number]
            found[one.name] = steps.astype(np.int64)
        return found

    def to_arrays(self) -> Arrays:
        """Return counts and passages whatever the layout, for a checkpoint."""
        arrays: Arrays = {}
        if self.selection.tallies:
            arrays |= {"tallied": self._counted(), "occupied": self._occupied()}
        passages = self.passages()
        for number, one in enumerate(self.selection.passages):
            arrays[f"passage_{number}"] = passages[one.name]
        return arrays

    def from_arrays(self, saved: Arrays) -> None:
        """Continue from what `to_arrays` wrote; what has ended is found ended again."""
        layout = self.layout
        self.tables = Watched(self.tables.regions, self._tallies(), self._passages())
        self._pooled.clear()
        if self.selection.tallies:
            self._pooled[0] = np.asarray(saved["tallied"], np.int64).copy()
            blocks, width, cells = self.tables.tallies.occupied.shape
            every = self.tables.tallies.occupied.reshape(blocks * width, cells)
            every[: layout.replicas] = saved["occupied"]
        for number, one in enumerate(self.selection.passages):
            steps = np.asarray(saved[f"passage_{number}"], np.float64)
            if one.of == "agents":
                blocks = layout.to_blocks(np.ascontiguousarray(steps[:, :, None]))
                self.tables.passages.by_agents[:, number] = blocks[:, 0]
            else:
                blocks = layout.per_replica_to_blocks(steps[:, None])
                self.tables.passages.by_mean[:, number] = blocks[:, 0]


def settings_of(one: Occupancy | Histogram2D | Quantiles, sets: int) -> tuple[float, ...]:
    """Return the settings of a tally; occupancies before it have looked at so many sets."""
    if isinstance(one, Occupancy):
        chosen = one.sets()
        return sets, len(chosen), float(chosen[0] is one.regions), one.cells(1) - 1
    if isinstance(one, Histogram2D):
        ends = (end for pair in zip(one.low, one.high, strict=True) for end in pair)
        return (*one.coordinates, *ends, *(count - 2 for count in one.bin_counts()))
    return 1.0 / one.growth, one.smallest, one.first_and_last()[0], one.sides()


Axes = dict[str, tuple[NDArray[Any], dict[str, str]]]


def described(selection: Selection) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """Return dimensions and attributes of the variables that have a name of their own."""
    found: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
    for one in selection.tallies:
        whose = "agents" if one.of == "agents" else "the mean"
        if isinstance(one, Occupancy):
            text, unit = f"share of time of {whose} in every set", "1"
            dims: tuple[str, ...] = ("replica", f"{one.name}_set")
        elif isinstance(one, Histogram2D):
            text, unit = f"counts of {whose} over replicas and time", "1"
            dims = (f"{one.name}_bin", f"{one.name}_bin_2")
        else:
            text, unit = f"quantiles of {whose} over replicas and time", "parameter units"
            dims = ("dim", f"{one.name}_probability")
        found[one.name] = dims, {"long_name": text, "units": unit}
    for passage in selection.passages:
        dims = ("replica", "agent") if passage.of == "agents" else ("replica",)
        text = f"first step after which it {passage.when} the set, -1 if none"
        found[passage.name] = dims, {"long_name": text, "units": "steps"}
    return found


def axes_of(selection: Selection) -> Axes:
    """Return the coordinates of the dimensions that tallies have."""
    axes: Axes = {}
    for one in selection.tallies:
        if isinstance(one, Occupancy):
            labels = np.append(np.arange(one.cells(1) - 1), -1)
            note = {"long_name": "number of the set, -1 for none of them", "units": "1"}
            axes[f"{one.name}_set"] = labels, note
        elif isinstance(one, Histogram2D):
            for end, low, high, count in zip(
                ("", "_2"), one.low, one.high, one.bin_counts(), strict=True
            ):
                edges = np.append(-np.inf, np.linspace(low, high, count - 1))
                note = {"long_name": "lower edge of the bin", "units": "parameter units"}
                axes[f"{one.name}_bin{end}"] = edges, note
        else:
            note = {"long_name": "probability of the quantile", "units": "1"}
            axes[f"{one.name}_probability"] = np.array(one.probabilities), note
    return axes
