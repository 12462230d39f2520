"""The results of experiments at quick scale: simulated, or those of a run that was just made.

The gate runs every experiment once, before the tests, and names the folder in the variable
SDEOPT_QUICK_RESULTS. A claim is a function of the saved result, so the tests can take it from there.
"""

import json
import os
from pathlib import Path
from typing import Any

import xarray as xr

from sdeopt import results
from sdeopt.configuration import describe
from sdeopt.experiment import Configuration, Experiment


def quick_result(experiment: Experiment[Any], small: Configuration | None = None) -> xr.Dataset:
    """Return what an experiment gives at quick scale; in a run of the tests alone, in `small`."""
    configuration = experiment.configuration("quick")
    folder = os.environ.get("SDEOPT_QUICK_RESULTS")
    saved = Path(folder or "") / experiment.name / "result.nc"
    if not folder or not saved.is_file():
        return experiment.simulate(small or configuration)
    result = results.load(saved)
    wanted = json.loads(json.dumps(describe(configuration)))
    assert json.loads(result.attrs["configuration"]) == wanted, f"{saved} is of another run"
    return result
