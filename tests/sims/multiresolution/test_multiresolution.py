"""What only learning rates of the agents' own have; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import xarray as xr

from sims.multiresolution import experiment


def test_all_start_at_places_that_are_bad():
    """A minimum that is sharper than the wide one; hardly any slope; and a saddle."""
    loss, start = experiment.loss(), np.zeros(4)
    sharp, flat, z, y = loss.gradient(start)
    assert abs(flat) < 0.15
    assert z == y == 0
    step = 1e-4
    curvature = [
        (loss.gradient(start + step * one)[d] - loss.gradient(start - step * one)[d]) / (2 * step)
        for d, one in enumerate(np.eye(4))
    ]
    assert curvature[0] > 50 * 0.2  # the wide minimum has 0.2
    assert curvature[2] < 0 < curvature[3]
    # the sharp minimum is one: left and right of it the loss is higher
    assert loss.value([0.3, 0, 0, 0]) > loss.value(start) < loss.value([-0.3, 0, 0, 0])
    assert abs(sharp) / curvature[0] < 0.05


def test_leaving_is_timed_at_the_first_look_beyond():
    mean = np.zeros((4, 2, 4))
    mean[2:, 0, 0] = 1.2  # leaves the sharp minimum at the third look
    mean[1, 1, 2] = -0.7  # and the saddle, on the other side, at the second
    dims = ("step", "replica", "dim")
    agents = np.repeat(mean[:, :, None], 3, axis=2)
    run = xr.Dataset(
        {"mean": (dims, mean), "agents": (("step", "replica", "agent", "dim"), agents)},
        {"step": [0, 10, 20, 30]},
    )
    found = experiment._measured(run, 1)
    assert found["time"].values.tolist() == [[20, 30, 30], [30, 30, 10]]
    assert found["left"].values.tolist() == [[True, False, False], [False, False, True]]


def test_learning_rates_of_a_mixture():
    quick = dataclasses.replace(experiment.QUICK, agents=10)
    assert quick.rates(2) == [0.1, 0.1, *[0.005] * 8]
