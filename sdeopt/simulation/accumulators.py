"""Sums of the streamed statistics: from the kernel's blocks to the variables of a result."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.state import Observed
from sdeopt.simulation.layout import Layout
from sdeopt.simulation.watching import Watching
from sdeopt.statistics import SCALARS, Histogram, Selection

Array = NDArray[np.float64]


@dataclass
class Accumulators:
    """Accumulators of one window, in the kernel's layout."""

    selection: Selection
    layout: Layout
    observed: Observed = field(init=False)
    count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.watching = Watching(self.selection, self.layout)
        self.observed = self._empty()

    def _empty(self) -> Observed:
        chosen, layout = self.selection, self.layout
        blocks, width, dim = layout.blocks, layout.width, layout.dim
        some = blocks if chosen.moments else 0
        bins = [_bins(histogram) for histogram in (chosen.agents, chosen.mean)]
        return Observed(
            wanted=np.array([name in chosen.scalars for name in SCALARS]),
            scalars=np.zeros((len(SCALARS), blocks, width)),
            shift=np.zeros((some, dim, width)),
            first=np.zeros((some, width, dim)),
            second=np.zeros((some, width, dim, dim)),
            agent_counts=np.zeros((blocks if bins[0] else 0, dim, bins[0]), np.int64),
            mean_counts=np.zeros((blocks if bins[1] else 0, dim, bins[1]), np.int64),
            edges=np.array([*_edges(chosen.agents), *_edges(chosen.mean)]),
            watched=self.watching.tables,
        )

    def observed_by(self, thread: int) -> Observed:
        """Return the accumulators that a thread adds to."""
        return self.observed._replace(watched=self.watching.tables_of(thread))

    def open_window(self, mean: Array) -> None:
        """Start a window; `mean` (block, dim, R) becomes the origin of the moments."""
        self.observed = self._empty()
        self.watching.open_window()
        self.count = 0
        if self.selection.moments:
            self.observed.shift[:] = mean

    def results(self) -> dict[str, Array]:
        """Return the statistics of the window by variable name."""
        out: dict[str, Array] = {}
        sums = self.observed.scalars.reshape(len(SCALARS), -1)[:, : self.layout.replicas]
        for row, name in zip(sums, SCALARS, strict=True):
            if name in self.selection.scalars:
                out[name] = row / self.count
        out |= self._moments()
        for name, counts in (
            ("agents", self.observed.agent_counts),
            ("mean", self.observed.mean_counts),
        ):
            if counts.size:
                out[f"{name}_histogram"] = counts.sum(axis=0)
        return out | self.watching.results(self.count)

    def _moments(self) -> dict[str, Array]:
        if not self.selection.moments:
            return {}
        dim, weight = self.layout.dim, self.count * self.layout.agents
        first = self.observed.first.reshape(-1, dim)[: self.layout.replicas] / weight
        lower = self.observed.second.reshape(-1, dim, dim)[: self.layout.replicas] / weight
        second = lower + np.tril(lower, -1).transpose(0, 2, 1)
        shift = self.layout.per_replica_from_blocks(self.observed.shift)
        with np.errstate(over="ignore", invalid="ignore"):
            centred = second - first[:, :, None] * first[:, None, :]
        moments = {
            "agent_mean": shift + first,
            # squares of a diverging replica overflow first
            "agent_covariance": np.where(np.isfinite(second), centred, second),
        }
        return {name: moments[name] for name in self.selection.moments}

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the open window by replica, whatever the layout, for a checkpoint."""
        seen, layout = self.observed, self.layout
        arrays: dict[str, NDArray[np.generic]] = {
            "count": np.array(self.count),
            "scalars": seen.scalars.reshape(len(SCALARS), -1)[:, : layout.replicas].copy(),
            "agent_counts": seen.agent_counts.sum(axis=0),
            "mean_counts": seen.mean_counts.sum(axis=0),
            **self.watching.to_arrays(),
        }
        if self.selection.moments:
            dim = layout.dim
            arrays["shift"] = layout.per_replica_from_blocks(seen.shift)
            arrays["first"] = seen.first.reshape(-1, dim)[: layout.replicas].copy()
            arrays["second"] = seen.second.reshape(-1, dim, dim)[: layout.replicas].copy()
        return {f"window_{name}": array for name, array in arrays.items()}

    def from_arrays(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Continue the window that `to_arrays` wrote."""
        saved = {name.removeprefix("window_"): array for name, array in arrays.items()}
        layout, dim = self.layout, self.layout.dim
        self.watching.from_arrays(saved)
        self.observed = seen = self._empty()
        self.count = int(saved["count"])
        seen.scalars.reshape(len(SCALARS), -1)[:, : layout.replicas] = saved["scalars"]
        for counts, name in (
            (seen.agent_counts, "agent_counts"),
            (seen.mean_counts, "mean_counts"),
        ):
            if counts.size:
                counts[0] = saved[name]
        if self.selection.moments:
            seen.shift[:] = layout.per_replica_to_blocks(np.asarray(saved["shift"], np.float64))
            seen.first.reshape(-1, dim)[: layout.replicas] = saved["first"]
            seen.second.reshape(-1, dim, dim)[: layout.replicas] = saved["second"]


def _bins(histogram: Histogram | None) -> int:
    return 0 if histogram is None else histogram.bins + 2


def _edges(histogram: Histogram | None) -> tuple[float, float]:
    return (0.0, 1.0) if histogram is None else (histogram.low, histogram.high)
