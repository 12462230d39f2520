"""What is proved of linear networks, added to the trainings of adilova41."""

import numpy as np
import xarray as xr

from nets.figures.trained import one_thread
from nets.noise_injection.configuration import LinearLevels
from nets.noise_injection.learning import data_of_task
from nets.noise_injection.linear_theory import LAYERS, drift, first_layer

LEARNERS = 4
"""Of the lemma: their average has a quarter of the covariance."""

MOMENTS = {"start": 0, "later": 30}
"""Steps without noise before a step with it."""

DRIFT_RATE = 1e-3
"""η of these steps: large enough that the later weights are others."""


def with_theory(result: xr.Dataset, configuration: LinearLevels) -> xr.Dataset:
    """Return the trainings with replicas of Algorithm 1 on one layer, and the drift of three."""
    data, seed = data_of_task(configuration), configuration.seed
    with one_thread():
        one = first_layer(
            data,
            LEARNERS,
            configuration.rounds,
            configuration.period,
            configuration.replicas,
            configuration.half_width,
            seed,
        )
        drifts = [
            drift(data, steps, configuration.pairs, configuration.drift_deviation, DRIFT_RATE, seed)
            for steps in MOMENTS.values()
        ]
    steps = LEARNERS * configuration.replicas * configuration.rounds * configuration.period
    steps += sum(2 * configuration.pairs + before for before in MOMENTS.values())
    return (
        result.assign(
            lemma_model=(("replica", "weight"), one.replicas),
            lemma_expected=("weight", one.expected),
            lemma_covariance=(("weight", "other_weight"), one.covariance),
            # single pairs, as numbers of single precision that a file holds in half the room
            drift=(("moment", "layer", "pair"), np.array([each for each, _ in drifts], np.float32)),
            drift_share=(("moment", "layer"), np.array([share for _, share in drifts])),
            band=configuration.band,
        )
        .assign_coords(layer=list(LAYERS), moment=list(MOMENTS))
        .assign_attrs(agent_steps=result.attrs["agent_steps"] + steps)
    )
