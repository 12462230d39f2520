"""Noise given from outside: shapes, coarsening, and its meaning on both clocks."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError


def test_coarsening_keeps_the_path():
    """W at the coarse times, and the integral of W, are those of the fine path."""
    fine = so.brownian(12, 2, 3, 1, dt=0.1, seed=4)
    coarse = fine.coarsen(4)
    w = np.concatenate([np.zeros((1, 2, 3, 1)), np.cumsum(fine.values, axis=0)])
    np.testing.assert_allclose(np.cumsum(coarse.values, axis=0), w[4::4], rtol=1e-12)
    integral = np.cumsum(fine.areas + 0.1 * w[:-1], axis=0)
    again = np.cumsum(coarse.areas + 0.4 * w[:-1:4], axis=0)
    np.testing.assert_allclose(again, integral[3::4], rtol=1e-10)
    assert coarse.dt == pytest.approx(0.4)


@pytest.mark.statistical
def test_joint_law_of_increment_and_area():
    """Null: variances dt and dt^3/3, covariance dt^2/2. 60,000 draws, 4.4 standard errors."""
    dt = 0.2
    path = so.brownian(20, 1000, 3, 1, dt, seed=1)
    w, a = path.values.ravel(), path.areas.ravel()
    for product, exact in ((w * w, dt), (a * a, dt**3 / 3), (w * a, dt**2 / 2)):
        assert abs(product.mean() - exact) < 4.4 * product.std() / np.sqrt(product.size)


def test_an_sde_scales_given_brownian_increments():
    path = so.brownian(1, 2, 3, 2, dt=0.01, seed=1)
    end = so.simulate(
        so.losses.Quadratic(np.eye(2)), so.SGD(), noise=so.noise.Gaussian(3.0), agents=3, replicas=2,
        steps=1, step_size=0.25, batch_size=4, clock=so.clock.SDE(0.01), increments=path,
        start=so.start.Point(0.0),
    )["agents"].values  # fmt: skip
    np.testing.assert_allclose(end, 3.0 * np.sqrt(0.25 / 4) * path.values[0], rtol=1e-13)


BAD = {
    "shape": (np.zeros((4, 1, 1, 1)), {}, r"this run needs .* = \(5, 1, 1, 1\)"),
    "axes": (np.zeros((5, 1)), {}, "give four axes"),
    "not finite": (np.full((5, 1, 1, 1), np.nan), {}, "must be finite"),
    "no areas": (
        np.zeros((5, 1, 1, 1)),
        {"clock": so.clock.SDE(0.1, "strong_order_1.5")},
        "needs the areas",
    ),
    "other dt": (so.brownian(5, 1, 1, 1, 0.2), {"clock": so.clock.SDE(0.1)}, "dt = 0.2"),
    "an ignored law": (
        np.zeros((5, 1, 1, 1)),
        {"noise": so.noise.Uniform(2.0)},
        r"the law of Uniform\(.* would be ignored; multiply them by its scale",
    ),
    "an ignored covariance": (
        np.zeros((5, 1, 1, 1)),
        {"noise": so.noise.Gaussian(covariance=[[2.0]])},
        "would be ignored",
    ),
    "no law": (np.zeros((5, 1, 1, 1)), {"noise": None}, "without a noise law"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_increments(case):
    increments, changes, message = BAD[case]
    settings = {"noise": so.noise.Gaussian(1.0), "steps": 5, "step_size": 0.1} | changes
    with pytest.raises(InvalidArgumentError, match=message):
        so.simulate(so.losses.Quadratic(1.0), so.SGD(), start=so.start.Point(0.0),
                    increments=increments, **settings)  # fmt: skip


def test_a_factor_must_divide():
    with pytest.raises(InvalidArgumentError, match="cannot be taken 5 at a time"):
        so.brownian(12, 1, 1, 1, dt=0.1).coarsen(5)


def test_agents_with_step_sizes_of_their_own_have_noise_of_their_own_on_the_sde_clock():
    """The drift is the same for all, the noise is √(η_i/b) (Boffi & Slotine, Sec. 3.4)."""
    path, etas = so.brownian(1, 2, 3, 1, dt=0.01, seed=1), np.array([0.04, 0.09, 0.25])
    for scheme in ("euler_maruyama", "strong_order_1.5"):
        end = so.simulate(
            so.losses.Quadratic(1e-300), so.SGD(), noise=so.noise.Gaussian(2.0), agents=3,
            replicas=2, steps=1, step_size=list(etas), batch_size=4, increments=path,
            clock=so.clock.SDE(0.01, scheme), start=so.start.Point(0.0),
        )["agents"].values  # fmt: skip
        exact = 2.0 * np.sqrt(etas / 4)[:, None] * path.values[0]
        np.testing.assert_allclose(end, exact, rtol=1e-12)
