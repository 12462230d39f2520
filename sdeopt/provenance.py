"""Where a result comes from, as attributes of its dataset."""

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numba
import numpy as np

from sdeopt.version import __version__

__all__ = ["provenance"]


def provenance(
    configuration: Mapping[str, Any], *, seed: int, seconds: float, agent_steps: int
) -> dict[str, str | int | float]:
    """Return the attributes that say how a dataset was made.

    Parameters
    ----------
    configuration : mapping
        Everything that decides the result, as plain JSON values.
    seed : int
        The seed, once more by itself.
    seconds : float
        How long the run took.
    agent_steps : int
        Replicas × agents × steps done in that time.

    Returns
    -------
    dict
        Strings and numbers only, as files can hold them.

    Examples
    --------
    >>> from sdeopt.provenance import provenance
    >>> made = provenance({"agents": 2}, seed=7, seconds=0.5, agent_steps=1000)
    >>> made["configuration"], made["agent_steps_per_second"]
    ('{"agents": 2}', 2000.0)
    """
    return {
        "sdeopt_version": __version__,
        "seed": seed,
        "configuration": json.dumps(configuration, ensure_ascii=False),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
        "numba_version": numba.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "run_seconds": float(seconds),
        "agent_steps_per_second": float(agent_steps / seconds) if seconds > 0 else 0.0,
    }
