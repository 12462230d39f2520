"""Divergence is caught, named, and never returned as a silent NaN."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import DivergenceError

LOSS = so.losses.RuggedWell()


def starts(far, replicas=6, agents=4):
    points = np.zeros((replicas, agents, 1))
    for replica, agent in far:
        points[replica, agent] = 400.0
    return so.start.Point(points)


def run(far, algorithm=None, **changes):
    settings = {"agents": 4, "replicas": 6, "steps": 40, "step_size": 0.05, "seed": 1}
    return so.simulate(LOSS, algorithm or so.SGD(), start=starts(far), **(settings | changes))


def first_nonfinite_step(replica, far):
    """Find it by hand: step by step until a state is not finite."""
    for steps in range(1, 41):
        state = run(far, steps=steps, on_divergence="mask")["agents"].values[replica]
        if not np.isfinite(state).all():
            return steps
    raise AssertionError


@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_replica_and_step_are_named(threads):
    with pytest.raises(DivergenceError) as caught:
        run([(2, 3), (4, 0)], threads=threads)
    assert caught.value.replica == 2
    assert caught.value.step == first_nonfinite_step(2, [(2, 3), (4, 0)])
    message = str(caught.value)
    assert "replica 2 (and 1 more) diverged at step" in message
    assert "lower step_size = 0.05" in message
    assert "on_divergence='mask'" in message


def test_the_advice_names_coupling_and_noise():
    with pytest.raises(DivergenceError, match=r"coupling = 60 or the noise"):
        run([], so.QSGD(60.0), noise=so.noise.Uniform(1.0), steps=5000)


def test_the_stability_limit_is_given_where_it_is_known():
    with pytest.raises(DivergenceError, match=r"is 3; keep it below 2"):
        so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=5000, step_size=3.0,
                    start=so.start.Point(1.0))  # fmt: skip


def test_masked_replicas_are_nan_and_the_others_untouched():
    clean = run([], noise=so.noise.Gaussian(1.0), statistics=["loss"])
    masked = run([(2, 3)], noise=so.noise.Gaussian(1.0), statistics=["loss"], on_divergence="mask")
    assert list(masked["diverged_at"].values >= 0) == [False, False, True, False, False, False]
    others = [0, 1, 3, 4, 5]
    for name in ("agents", "mean", "quorum", "loss"):
        assert np.isnan(masked[name][2]).all()
        np.testing.assert_array_equal(masked[name][others], clean[name][others])


def test_masking_is_the_same_for_any_chunk_and_thread():
    one = run([(2, 3)], on_divergence="mask", threads=1)
    two = run([(2, 3)], on_divergence="mask", threads=2, chunk=3)
    assert one.drop_attrs().identical(two.drop_attrs())


def test_a_padding_replica_cannot_raise_an_alarm():
    """Blocks are filled up with copies that nobody asked for; they draw noise of their own."""
    heavy = so.noise.StudentT(0.3)
    fine = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), agents=1, replicas=1, steps=3, step_size=0.1,
        start=so.start.Point(0.0), noise=heavy,
    )  # fmt: skip
    assert fine["diverged_at"].item() == -1


def test_squares_that_overflow_before_the_state_does_are_infinite():
    """Growing by 2 a step: after 600 steps x is 4e180 and its square is no float64."""
    run = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), steps=600, step_size=3.0, agents=3, replicas=2,
        start=so.start.Point(1.0), noise=so.noise.Gaussian(1.0), seed=1,
        statistics=["agent_covariance"],
    )  # fmt: skip
    assert np.isfinite(run["agents"]).all()
    assert np.isposinf(run["agent_covariance"]).all()
