"""Synchronization on the rugged loss, where no bound of Sec. 3 applies: the measured value alone."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.measured import Measured

__all__ = ["measure_rugged"]

AGENTS, STEP_SIZE, HALF_WIDTH, REACH = 20, 0.04, 7.0, 3.0
"""p, η, the uniform noise and the interval of the start: as in Fig. 1, with fewer agents."""


def measure_rugged(couplings: Sequence[float], replicas: int, steps: int, seed: int) -> xr.Dataset:
    """Measure E Σ‖xⁱ − x•‖² of the iteration of Fig. 1.

    Parameters
    ----------
    couplings : sequence of float
        k.
    replicas, steps : int
        The size of each run. No rate is proved here, so no rule says when the start is forgotten:
        the first half is thrown away, and the change from the third quarter to the last is kept.
    seed : int
        The seed.

    Returns
    -------
    xarray.Dataset
        Along ``rugged_coupling``: ``rugged``, ``rugged_error``, ``rugged_change`` (last quarter over
        third, less 1); ``rugged_curvature``, λ̄; and the attribute ``agent_steps``.
    """
    loss = so.losses.RuggedWell()
    runs = so.sweep(
        loss,
        so.grid(so.QSGD, coupling=list(couplings)),
        steps=steps,
        step_size=STEP_SIZE,
        start=so.start.Uniform(-REACH, REACH),
        noise=so.noise.Uniform(HALF_WIDTH),
        agents=AGENTS,
        replicas=replicas,
        seed=seed,
        record=so.record.At([steps // 2, 3 * steps // 4, steps], variables=("mean",)),
        statistics=["synchronization"],
        progress=False,
    )
    quarters = runs["synchronization"].isel(step=slice(1, None)).transpose("step", "coupling", ...)
    found = Measured.of(quarters.mean("step").values)
    third, last = quarters.mean("replica").values
    return xr.Dataset(
        {
            "rugged": ("rugged_coupling", found.value),
            "rugged_error": ("rugged_coupling", found.error),
            "rugged_change": ("rugged_coupling", last / third - 1),
            "rugged_curvature": loss.constants.negative_curvature,
            "rugged_replicas": replicas,
        },
        {"rugged_coupling": np.asarray(couplings, np.float64)},
        {"agent_steps": steps * AGENTS * replicas * len(couplings)},
    )
