"""What only wide and deep minima have; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np

from sims.widths import experiment
from sims.widths.claims import claims, least_consensus


def test_every_coordinate_has_its_pair():
    """The loss is the sum of the profiles that are drawn, and coordinates do not act on one another."""
    loss, x = experiment.loss(), np.array([-1.7, 0.4, 1.5, 1.52])
    parts = [
        experiment.profile(value, pair, np.exp, float)
        for value, pair in zip(x, experiment.PAIRS, strict=True)
    ]
    assert np.isclose(loss.value(x), sum(parts))
    moved = x.copy()
    moved[2] += 0.1
    same = loss.gradient(moved) == loss.gradient(x)
    assert same.tolist() == [True, True, False, True]


def test_other_settings_give_claims_too():
    small = dataclasses.replace(
        experiment.QUICK, replicas=3, agents=4, steps=40, coupling=(0.0, 1.0, 2.0)
    )
    result = experiment.simulate(small)
    assert claims(result) or least_consensus(result) is None
    assert len(experiment.experiment.draw(result).axes) == 8
