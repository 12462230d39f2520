"""Ends of windows, closed forms, and preconditioners of the agents' own, by hand."""

import numpy as np
import pytest

from sims.average import experiment as average
from sims.average.measuring import (
    Averaging,
    System,
    ends,
    excess,
    least_variance,
    time_averages,
    unlike,
)


def test_ends_of_a_window_in_one_dimension():
    """−(1 − e^{−ht})/(h³t) without e^{−ht}, for steps of no size."""
    found = ends(np.array([[2.0]]), np.eye(1), time=30.0, dt=1e-8)
    assert found[0, 0] == pytest.approx(-1 / (8 * 30.0), rel=1e-6)


@pytest.mark.statistical
def test_ends_of_a_short_window():
    """Null: a window of 8/(slowest rate), whose ends take 12% off, by steps with a·dt = 0.8."""
    system = System(np.diag([1.0, 3.0]), np.array([[1.0, 0.4], [0.4, 0.5]]))
    run = time_averages(system, Averaging(20_000, 1, 8.0, seed=3))
    inverse = np.linalg.inv(system.drift)
    exact = inverse @ system.covariance @ inverse
    exact += ends(system.drift, system.covariance, run.time, run.dt)
    z = run.values[:, 0]
    found = run.time * z.T @ z / len(z)
    error = np.sqrt(2 / len(z)) * np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    assert (np.abs(found - exact) < 4 * error).all()
    assert found[0, 0] < 0.92  # the limit is 1


def test_the_closed_form_does_not_commute():
    plain = average._system("", 1, 0.0)
    crossed = plain.drift @ plain.covariance - plain.covariance @ plain.drift
    assert np.abs(crossed).max() > 0.1


@pytest.mark.parametrize("name", average.PRECONDITIONED)
def test_preconditioners_leave_the_closed_form(name):
    system = average._system(name, 1, 0.0)
    inverse = np.linalg.inv(system.drift)
    np.testing.assert_allclose(inverse @ system.covariance @ inverse.T, average._closed_form())
    assert np.linalg.eigvalsh(system.drift)[0] > 0


def test_agents_with_preconditioners_of_their_own_are_one_linear_system():
    found = unlike(1.0, 1.0, np.array([4.0, 1.0]), coupling=2.0)
    assert found.drift.tolist() == [[5.0, -1.0], [-1.0, 2.0]]


def test_what_such_preconditioners_add_grows_with_the_coupling():
    found = excess(1.0, np.array([4.0, 1.0]), [3.0, 30.0])
    assert 0 < found[0] < found[1] == pytest.approx(0.3245, abs=5e-5)


def test_the_least_variance_in_one_dimension():
    """Paths have the information h²/σ² per time, and the start 2h/σ² of a variance σ²/2h."""
    one = System(np.array([[2.0]]), np.eye(1))
    assert least_variance(one, time=30.0, dt=1e-8)[0, 0] == pytest.approx(
        1 / (4 + 4 / 30), rel=1e-6
    )


def test_easgd_is_the_mean_with_its_filter():
    one = System(np.array([[2.0]]), np.eye(1), agents=3, coupling=0.5, filtered=True)
    assert one.joint().drift.tolist() == [[2.5, -0.5], [-1.5, 1.5]]
    assert one.slowest == pytest.approx(2 - 1)
    assert one.joint().covariance.tolist() == [[1.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("filtered", [False, True])
def test_no_time_average_beats_the_bound(filtered):
    system = System(np.diag([1.0, 3.0]), np.array([[1.0, 0.4], [0.4, 0.5]]), 4, 0.7, filtered)
    joint, inverse = system.joint(), np.linalg.inv(system.drift)
    found = inverse @ system.covariance @ inverse
    found += ends(joint.drift, joint.covariance, 9.0, 0.1)[:2, :2]
    above = np.linalg.eigvals(np.linalg.solve(least_variance(system, 9.0, 0.1), found)).real
    assert (above > 1.0).all()


@pytest.mark.statistical
@pytest.mark.parametrize("filtered", [False, True])
def test_the_estimate_of_maximum_likelihood_has_no_ends(filtered):
    """Null: p t times its variance is A⁻¹ΣA⁻¹, for windows of 3/(slowest rate) and steps of 0.8."""
    system = System(np.diag([1.0, 3.0]), np.array([[1.0, 0.4], [0.4, 0.5]]), 4, 0.7, filtered)
    run = time_averages(system, Averaging(4_000, 1, 3.0, seed=3))
    inverse = np.linalg.inv(system.drift)
    exact = inverse @ system.covariance @ inverse
    for estimates, close in ((run.most_likely(system.drift), True), (run.values, False)):
        z = estimates[:, 0]
        found = 4 * run.time * z.T @ z / len(z)
        error = np.sqrt(2 / len(z)) * np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
        assert (np.abs(found - exact) < 4 * error).all() == close
