"""How often statistics are observed by default: every step, or what keeps finite sums cheap."""

import json

import numpy as np
import pytest

import sdeopt as so
from sdeopt.simulation.engine import describe_run

RANDOM = np.random.default_rng(1)
FEATURES = RANDOM.normal(size=(569, 4))
LOGISTIC = so.losses.LogisticRegression(FEATURES, np.sign(FEATURES[:, 0]))
SQUARES = so.losses.LeastSquares(FEATURES, FEATURES[:, 0])


def arguments(loss=LOGISTIC, **changes):
    settings = {
        "loss": loss, "algorithm": so.QSGD(0.5), "noise": so.noise.Minibatch(16), "agents": 3,
        "replicas": 2, "steps": 400, "step_size": 0.1, "start": so.start.Point(0.0),
        "statistics": ["loss"],
    }  # fmt: skip
    return settings | changes


def interval(*loss, **changes):
    return describe_run(**arguments(*loss, **changes)).observe_every


def test_other_losses_are_observed_every_step():
    assert interval(so.losses.Quadratic(np.eye(4)), noise=so.noise.Gaussian(1.0)) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # a step passes forwards and backwards over 16 examples, the loss forwards over 569
        ({}, 178),
        ({"noise": so.noise.Minibatch(64)}, 45),
        ({"statistics": ["loss_of_mean"]}, 60),
        ({"statistics": ["loss_of_mean", "loss_of_quorum"]}, 119),
        ({"statistics": ["distortion"], "steps": 1000}, 475),
        # moments pass over no example
        ({"statistics": ["agent_covariance", "synchronization"]}, 1),
        # the full gradient costs as much as two losses
        ({"noise": so.noise.Gaussian(1.0)}, 5),
        ({"statistics_every": 7}, 7),
    ],
)
def test_the_work_of_observing_is_a_tenth_of_that_of_the_steps(changes, expected):
    assert interval(**changes) == expected


def test_the_full_gradient_of_least_squares_passes_over_no_example():
    assert interval(SQUARES, noise=so.noise.Gaussian(1.0), steps=2000) == 1423


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (so.record.Every(50), 50),
        (so.record.At([0, 10, 400]), 10),
        (so.record.At([100, 101, 400]), 1),
        (so.record.At([150, 260]), 130),
        (so.record.End(), 120),
    ],
)
def test_every_window_keeps_an_observation(record, expected):
    steps = 120 if isinstance(record, so.record.End) else 400
    assert interval(record=record, steps=steps) == expected


def test_the_interval_is_recorded_and_is_the_one_taken():
    chosen = so.simulate(**arguments(), record=so.record.Every(200), progress=False)
    assert json.loads(chosen.attrs["configuration"])["observe_every"] == 178
    told = so.simulate(
        **arguments(statistics_every=178), record=so.record.Every(200), progress=False
    )
    assert told.drop_attrs().identical(chosen.drop_attrs())
    every = so.simulate(
        **arguments(statistics_every=1), record=so.record.Every(200), progress=False
    )
    assert np.abs(every["loss"] / chosen["loss"] - 1.0).max() > 1e-6
    np.testing.assert_array_equal(every["agents"], chosen["agents"])
