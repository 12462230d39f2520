"""The folder of a sweep: finished points, each a file, and checkpoints of unfinished ones.

A file is named by the digest of everything that decides its content, so sweeps may share a folder: a
point that two of them have in common is computed once.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import xarray as xr

from sdeopt import results
from sdeopt.errors import CheckpointError, OutputError
from sdeopt.files import atomic_path, output_folder
from sdeopt.sweeps.planning import SweepPlan, SweepPoint
from sdeopt.version import __version__

LISTING = "points.json"


class PointStore:
    """Finished points on disk."""

    def __init__(self, folder: str | os.PathLike[str], masked: bool) -> None:
        self._folder = output_folder(folder).absolute()
        self._points = output_folder(self._folder / "points")
        self._masked = masked

    def write_listing(self, plan: SweepPlan) -> None:
        """Write which file is which point, for people."""
        for point in plan.points:
            if point.unknown:
                raise CheckpointError(f"at {point.where}: {point.unknown}")
        files = {f"points/{self._file(point).name}": point.where for point in plan.points}
        content = {"sdeopt_version": __version__, "sweep": plan.values, "points": files}
        with atomic_path(self._folder / LISTING) as temporary:
            temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")

    def checkpoint(self, point: SweepPoint) -> Path:
        """Return where the state of an unfinished point is kept."""
        return self._points / f"{point.name}.checkpoint"

    def load(self, point: SweepPoint) -> xr.Dataset | None:
        """Return the result of a point."""
        file = self._file(point)
        if not file.exists():
            return None
        try:
            found = results.load(file)
        except OutputError:
            return None
        whole = found.attrs.get("content_sha256") == _checksum(found)
        if not whole or found.attrs.get("point_sha256") != point.name:
            return None
        if not self._masked and bool((found["diverged_at"] >= 0).any()):
            return None  # it is computed again, which raises the error of a divergence
        self.checkpoint(point).unlink(missing_ok=True)
        return found

    def save(self, point: SweepPoint, result: xr.Dataset) -> None:
        """Keep the result of a point and drop its checkpoint."""
        marks = {"point_sha256": point.name, "content_sha256": _checksum(result)}
        results.save(result.assign_attrs(marks), self._file(point))
        self.checkpoint(point).unlink(missing_ok=True)

    def _file(self, point: SweepPoint) -> Path:
        return self._points / f"{point.name}.nc"


def _checksum(result: xr.Dataset) -> str:
    """Return a digest of all numbers in a result."""
    digest = hashlib.sha256()
    for name in sorted(str(name) for name in result.variables):
        values = np.ascontiguousarray(result[name].values)
        digest.update(f"{name} {result[name].dims} {values.dtype.str} {values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
