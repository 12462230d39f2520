"""How fast each training of a result was, and on which processor: an attribute of the result.

Not a variable: results of the same settings are equal whatever they took.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

UNKNOWN: dict[str, Any] = {"images_per_second": 0.0, "processor": ""}
"""What is measured of a history, and what stands for those of which it is not known."""


def measured(result: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Return by name what was measured of the trainings of a result, or of some of its plans."""
    known = json.loads(result.attrs.get("measured", '{"trainings": {}}'))
    return {
        name: {"images_per_second": speed, "processor": known["processors"][place]}
        for name, (speed, place) in known["trainings"].items()
    }


def as_attribute(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what `measured` reads."""
    processors = sorted({each["processor"] for each in found.values()})
    trainings = {
        name: [round(each["images_per_second"]), processors.index(each["processor"])]
        for name, each in found.items()
    }
    return json.dumps({"processors": processors, "trainings": trainings})


def of_one_processor(result: xr.Dataset, *trainings: xr.Dataset) -> NDArray[np.bool_]:
    """Return which runs are known to have had the same kind of processor in all of the trainings."""
    known = measured(result)
    if not known:
        return np.ones(result.sizes["run"], bool)
    own = np.array(
        [[known[name]["processor"] for name in each["training"].values] for each in trainings]
    )
    return np.asarray((own == own[0]).all(axis=0) & (own[0] != ""))


def speed_and_hours(
    sizes: Sequence[int], every: Sequence[xr.Dataset]
) -> tuple[int | None, float | None]:
    """Return the usual speed of trainings of so many images, in images a second, and all their hours.

    Of a training whose speed is not known, since nothing was left to train when it went on, the usual
    speed is taken. Where none is known, neither are the hours.
    """
    speeds = [float(each.attrs.get("images_per_second", 0.0)) for each in every]
    known = [speed for speed in speeds if speed > 0.0]
    if not known:
        return None, None
    usual = float(np.median(known))
    used = sum(size / (speed or usual) for size, speed in zip(sizes, speeds, strict=True))
    return round(usual), round(used / 3600, 2)
