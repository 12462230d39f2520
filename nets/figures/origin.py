"""Where the trainings of a result come from: their names, how fast they were, on which processor."""

import platform
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from nets.figures.measured import UNKNOWN, as_attribute, speed_and_hours
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
    """Return how fast trainings of so many images were, `hours` of a processor, and where they ran."""
    speed, taken = speed_and_hours(sizes, every)
    processors = {each.attrs.get("processor", "") for each in every} - {""}
    return {
        "images_per_cpu_second": speed,
        hours: taken,
        "processor": "; ".join(sorted(processors)) or processor(),
        "torch": torch.__version__,
    }
