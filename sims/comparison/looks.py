"""When a run is looked at, and what is seen there: x•, with x~ or v• where the method has it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sims.comparison.setting import BETWEEN, Setting

__all__ = ["LOOKS", "Looks"]

LOOKS = 40
"""Times at which the state is looked at, in a window of a few times the slowest."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """Steps at which the joint part of the state is looked at.

    A velocity is not recorded, but as coupling leaves the mean alone, dx• = v• dt, v• averaged over a
    step is what x• moves by. It is less than v• at an instant by the share μ dt/3 of its variance.

    Parameters
    ----------
    setting : Setting
        What is simulated.
    steps : tuple of int
        When, each a multiple of `BETWEEN` steps, two of them at least.
    """

    setting: Setting
    steps: tuple[int, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """``position``, and ``quorum`` or ``velocity``."""
        return self.setting.method().state

    def record(self) -> so.record.Record:
        """Return what `sdeopt.simulate` shall keep."""
        if "velocity" in self.parts:
            pairs = {step - back for step in self.steps for back in (0, 1)}
            return so.record.At(sorted(pairs), variables=("mean",))
        names = ("mean", "quorum") if "quorum" in self.parts else ("mean",)
        return so.record.At(list(self.steps), variables=names)

    def state(self, run: xr.Dataset) -> xr.DataArray:
        """Return what was seen: (step, replica, part, dim)."""

        def at(name: str, back: int = 0) -> Array:
            rows = run[name].sel(step=[step - back for step in self.steps])
            return np.asarray(rows.transpose("step", "replica", "dim").values)

        seen = [at("mean")]
        if "quorum" in self.parts:
            seen.append(at("quorum"))
        if "velocity" in self.parts:
            now, before = at("mean"), at("mean", 1)
            seen = [(now + before) / 2, (now - before) / self.setting.dt()]
        return xr.DataArray(
            np.stack(seen, axis=2),
            {"step": list(self.steps), "part": list(self.parts)},
            ("step", "replica", "part", "dim"),
        )

    def average(self, run: xr.Dataset, statistics: Sequence[str]) -> xr.Dataset:
        """Return statistics averaged between two looks, at the later one."""
        if not statistics:
            return xr.Dataset()
        ends = run[list(statistics)].sel(step=list(self.steps))
        if "velocity" not in self.parts:
            return ends
        # Between two looks is one more record, a step before the later: what is averaged up to
        # there is all observations but the last.
        before = run[list(statistics)].sel(step=[step - 1 for step in self.steps])
        count = np.diff(self.steps, prepend=0) // BETWEEN
        last = xr.DataArray(1 / count, {"step": ends["step"]}, "step")
        return ends * last + before.assign_coords(step=ends["step"]) * (1 - last)
