"""The discrete iteration and the SDE at dt = eta agree for Gaussian noise."""

import numpy as np
import pytest
from scipy import stats

import sdeopt as so

ETA, SIGMA, BATCH = 0.05, 2.0, 4


def run(clock, seed, noise=None, algorithm=None):
    return so.simulate(
        so.losses.DoubleWell(), algorithm or so.QSGD(1.0), noise=noise or so.noise.Gaussian(SIGMA),
        agents=4, replicas=1500, steps=40, step_size=ETA, batch_size=BATCH, clock=clock,
        start=so.start.Point(0.3), seed=seed,
    )["agents"].values  # fmt: skip


@pytest.mark.statistical
def test_they_agree_in_law_at_dt_equal_to_the_step_size():
    """Null: one law of an agent at the end. Independent seeds; the agents of index 0 are independent.

    Two-sample Kolmogorov-Smirnov at level 1e-4. A noise twice too strong is found.
    """
    discrete = run(so.clock.Iteration(), seed=1)[:, 0, 0]
    sde = run(so.clock.SDE(ETA), seed=2)[:, 0, 0]
    assert stats.ks_2samp(discrete, sde).pvalue > 1e-4
    planted = run(so.clock.SDE(ETA), seed=2, noise=so.noise.Gaussian(2 * SIGMA))[:, 0, 0]
    assert stats.ks_2samp(discrete, planted).pvalue < 1e-4


def test_they_are_mirror_images_path_by_path():
    """Same draws, opposite sign: the iteration subtracts its noise, the SDE adds it."""
    odd = so.losses.Quadratic(1.5)

    def path(clock):
        return so.simulate(
            odd, so.QSGD(1.0), noise=so.noise.Gaussian(SIGMA), agents=3, replicas=5, steps=30,
            step_size=ETA, batch_size=BATCH, clock=clock, start=so.start.Point(0.0), seed=9,
        )["agents"].values  # fmt: skip

    np.testing.assert_allclose(path(so.clock.Iteration()), -path(so.clock.SDE(ETA)), rtol=1e-12)


def test_a_finer_sde_keeps_the_noise_of_its_step_size():
    """The stationary variance of an Ornstein-Uhlenbeck process is eta sigma^2 / (2 b h), at any dt.

    Null: that value, up to the O(dt) of Euler, which is taken out exactly:
    Var = (eta / b) sigma^2 / (h (2 - h dt)). 2,000 independent replicas; 4.4 standard errors.
    """
    h, replicas = 2.0, 2000
    for dt in (ETA, ETA / 5):
        end = so.simulate(
            so.losses.Quadratic(h), so.SGD(), noise=so.noise.Gaussian(SIGMA), replicas=replicas,
            steps=int(6 / dt), step_size=ETA, batch_size=BATCH, clock=so.clock.SDE(dt),
            start=so.start.Point(0.0), seed=3,
        )["agents"].values  # fmt: skip
        exact = ETA / BATCH * SIGMA**2 / (h * (2 - h * dt))
        assert abs(end.var() / exact - 1) < 4.4 * np.sqrt(2 / replicas)


def test_other_laws_are_refused_on_the_sde_clock():
    with pytest.raises(so.errors.InvalidArgumentError, match=r"driven by Brownian motion"):
        run(so.clock.SDE(ETA), 1, noise=so.noise.Uniform(1.0))


def test_iterations_are_refused_on_the_sde_clock():
    with pytest.raises(so.errors.InvalidArgumentError, match=r"QSGDMomentum runs on the clock"):
        run(so.clock.SDE(ETA), 1, algorithm=so.QSGDMomentum(1.0))
