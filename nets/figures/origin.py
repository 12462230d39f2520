"""Where the trainings of a result come from: their names, how fast they were, on which processor."""

import math
import platform
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from nets.figures.measured import UNKNOWN, as_attribute
from nets.figures.store import AnyJob, digest_of_job


def with_names(
    result: xr.Dataset, jobs: Sequence[AnyJob], data: str, every: Sequence[xr.Dataset]
) -> xr.Dataset:
    """Return a result with the name of each training, and what was measured of it.

    The jobs have all plans of a run before those of the next.
    """
    names = [digest_of_job(job, data) for job in jobs]
    found = {
        name: {key: each.attrs.get(key, unknown) for key, unknown in UNKNOWN.items()}
        for name, each in zip(names, every, strict=True)
    }
    table = np.array(names).reshape(result.sizes["run"], -1).T
    return result.assign_coords(training=(("plan", "run"), table)).assign_attrs(
        measured=as_attribute(found)
    )


@lru_cache(1)
def processor() -> str:
    """Return the kind of processor, on which bits depend where sums are rounded otherwise."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}"


def how_computed(sizes: Sequence[int], every: Sequence[xr.Dataset], hours: str) -> dict[str, Any]:
    """Return how fast trainings of so many images were, `hours` of a processor, and where they ran.

    Of a training whose speed is not known, since nothing was left to train when it went on, the usual
    speed is taken. Where none is known, neither are the hours.
    """
    known = [each.attrs["images_per_second"] for each in every if _has_speed(each)]
    usual = float(np.median(known)) if known else math.inf
    speeds = [each.attrs["images_per_second"] if _has_speed(each) else usual for each in every]
    used = sum(size / speed for size, speed in zip(sizes, speeds, strict=True))
    processors = {each.attrs.get("processor", "") for each in every} - {""}
    return {
        "images_per_cpu_second": round(usual) if known else None,
        hours: round(used / 3600, 2) if known else None,
        "processor": "; ".join(sorted(processors)) or processor(),
        "torch": torch.__version__,
    }


def _has_speed(training: xr.Dataset) -> bool:
    return bool(training.attrs.get("images_per_second", 0.0) > 0.0)
