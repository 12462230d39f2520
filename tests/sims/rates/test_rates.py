"""Rates by hand, learning rates of the agents' own, and steps that scale drifts."""

import numpy as np
import pytest

from sims.rates.measuring import FLOW_TIMES, Flow, Relaxation, gain, relax, slowest, uneven


def test_proved_rates_by_hand():
    assert Flow("EASGD", "log-cosh", "wide", coupling=3.0).proved() == 4.0
    assert Flow("state-dependent", "double well", "wide", coupling=3.0).proved() == 2.0
    found = Flow("momentum", "log-cosh", "wide", 3.0, damping=2.0).proved()
    assert found == pytest.approx(2.5 - np.sqrt(0.25 + 2.25))


def test_gains_are_one_at_the_least():
    assert gain(np.zeros(2), 0.0) == 1.0
    assert gain(np.array([1.0, 9.0]), 0.0) == 2.0


@pytest.mark.parametrize("k", [0.5, 4.0])
def test_the_rate_on_a_parabola(k):
    """Far out the log-cosh loss is a parabola of curvature 1: the rate is k + 1 from the start on."""
    row, share, work = slowest(Flow("QSGD", "log-cosh", "flattest", k), replicas=2, seed=1)
    assert row["early"] == pytest.approx(k + 1, rel=1e-3)
    assert share[0] == pytest.approx(np.exp(-FLOW_TIMES[0]), rel=1e-2)
    assert work > 0


def test_momentum_counts_velocities():
    """At the first of the times the velocities, 0 at the start, have begun to differ."""
    row, share, _ = slowest(Flow("momentum", "log-cosh", "wide", 3.0, 2.0), replicas=2, seed=1)
    assert row["measured"] > row["proved"]
    assert (share < 1).all()


def test_learning_rates_and_their_mean():
    etas = Relaxation("round quadratic", 1.0).rates()
    assert etas.mean() == pytest.approx(0.1)
    assert etas.max() / etas.min() == pytest.approx(15.0)


@pytest.mark.statistical
def test_the_spread_settles_at_the_bound_of_the_mean_learning_rate():
    """Null: on f = ½‖x‖² the bound is attained; (p − 1) n η / (2 (k + 1)) with the mean η = 0.1."""
    one = Relaxation("round quadratic", 1.0)
    assert one.level() == pytest.approx(7 * 2 * 0.1 / 4)
    rows, _ = relax(one, replicas=400, seed=3)
    assert rows[-1]["spread"] == pytest.approx(rows[-1]["bound"], rel=0.1)


@pytest.mark.statistical
def test_equal_learning_rates_break_nothing():
    """Null: with θ = 0, (22) is exact but for 0.5% that steps of this size add."""
    row, found, _ = uneven(0.0, replicas=200, seed=5)
    assert row["expected"] == 1.0
    assert abs(found.value - 1.0) < 0.005 + 4 * found.error
