"""What only couplings that change in time have; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np

from sims.coupling_in_time import experiment
from sims.coupling_in_time.measuring import TRIGGERS

RUGGED = experiment.QUICK.rugged()


def test_the_curvature_leaves_the_ripples_out():
    """It is that of the loss without its fast wave, averaged over two wavelengths."""
    x, wavelength = np.linspace(-2.0, 2.0, 41), 2 * np.pi / 22

    def slope(x):
        return 0.4 * x**3 - 0.8 * x - 0.06 + 1.32 * np.sin(4.4 * x)

    expected = (slope(x + wavelength) - slope(x - wavelength)) / (2 * wavelength)
    np.testing.assert_allclose(RUGGED.curvature(x), expected, atol=1e-12)


def test_triggers():
    at_ridge, gathered = np.full(50, 0.6), np.full(50, 1.4)
    spread = np.linspace(-3.0, 3.0, 50)
    agents = np.stack([at_ridge, gathered, spread])
    assert TRIGGERS["curvature at the mean"](RUGGED, agents).tolist() == [False, True, True]
    assert TRIGGERS["curvature at the agents"](RUGGED, agents).tolist() == [False, True, False]


def test_a_switched_replica_stays_switched_and_others_go_on():
    small = dataclasses.replace(experiment.QUICK, replicas=6, horizon=2.0, looks=4, agents=10)
    result = experiment.simulate(small)
    assert set(np.unique(result["switched_at"])) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert result.sizes["schedule"] == len(small.coupling) + 1 + len(TRIGGERS)
    assert experiment.experiment.claims(result)


def test_the_coupling_grows_from_the_early_one():
    quick = experiment.QUICK
    steps = np.array([0.0, 0.5, 0.6, 0.7, 1.0]) * quick.steps()
    middle = 0.5 * (quick.early + quick.late())
    np.testing.assert_allclose(
        quick.growing()(steps), [quick.early, quick.early, middle, quick.late(), quick.late()]
    )
