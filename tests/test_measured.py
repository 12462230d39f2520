"""Averages over replicas: whether confidence limits cover, and what is refused."""

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.measured import SHARE, Measured, interval_of


@pytest.mark.statistical
def test_upper_limits_cover():
    """Null: a 99% limit is below the mean in 1% of 20,000 data sets, give or take 0.07%."""
    samples = np.random.default_rng(3).normal(2.0, 1.0, (20_000, 40))
    missed = (Measured.of(samples).upper(0.99) < 2.0).mean()
    assert abs(missed - 0.01) < 4 * np.sqrt(0.01 * 0.99 / 20_000)
    # planted: values that are correlated in pairs, counted as independent
    twice = Measured.of(np.repeat(samples, 2, axis=1)).upper(0.99)
    assert (twice < 2.0).mean() > 0.03


@pytest.mark.statistical
def test_limits_of_few_normal_numbers_cover():
    """Null: as above, with three replicas."""
    samples = np.random.default_rng(4).normal(2.0, 1.0, (20_000, 3))
    found = Measured.of(samples, fewest=3)
    allowed = 4 * np.sqrt(0.01 * 0.99 / 20_000)
    assert abs((found.upper(0.99) < 2.0).mean() - 0.01) < allowed
    assert abs((found.lower(0.99) > 2.0).mean() - 0.01) < allowed
    # planted: the limits of the normal law, as if the error were known
    assert (found.value + 2.326 * found.error < 2.0).mean() > 0.03


def test_few_replicas_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"given 10 replicas.*at least 30"):
        Measured.of(np.zeros(10))
    with pytest.raises(InvalidArgumentError, match=r"given 2 replicas.*at least 3;"):
        Measured.of(np.zeros(2), fewest=3)


def test_other_units_and_some_settings():
    samples = np.random.default_rng(5).normal(size=(3, 50))
    units = np.array([1.0, 2.0, 5.0])
    found = Measured.of(samples)
    scaled = Measured.of(samples / units[:, None])
    np.testing.assert_allclose(found.per(units).upper(), scaled.upper(), rtol=1e-13)
    for which in (np.array([2, 0]), np.array([True, False, True])):
        some = Measured.of(samples[which])
        np.testing.assert_array_equal(found.at(which).lower(), some.lower())


def test_an_average_of_three_numbers():
    found = Measured.of([1.0, 2.0, 3.0], fewest=3)
    assert float(found.value) == 2.0
    assert float(found.error) == pytest.approx(3**-0.5)


@pytest.mark.statistical
@pytest.mark.parametrize("statistic", [np.mean, np.median, lambda x: np.quantile(x, 0.9)])
def test_intervals_of_functions_of_samples_cover(statistic):
    """Null: an end at 99.9% is missed once in 1,000; here each of 2,000 at most 12 times."""
    draws = np.random.default_rng(6).normal(size=(2000, 400))
    truth = {np.mean: 0.0, np.median: 0.0}.get(statistic, 1.2815515655)
    ends = np.array([interval_of(statistic, row) for row in draws])
    assert (ends[:, 0] > truth).sum() <= 12
    assert (ends[:, 1] < truth).sum() <= 12
    # planted against limits that are never missed because they are wide
    width = np.diff(ends).mean() / 2
    assert width < 4.5 * np.std([statistic(row) for row in draws])


def test_an_interval_of_two_samples_pairs_replicas():
    one = np.random.default_rng(7).normal(size=100)
    low, high = interval_of(lambda x, y: float((y - x).mean()), one, one + 1.0)
    assert (low, high) == pytest.approx((1.0, 1.0))


def test_shares_that_are_all_alike_are_not_certain():
    """Clopper and Pearson: n successes of n leave 0.001^(1/n)."""
    assert interval_of(np.mean, np.ones(30, bool)) == pytest.approx((0.001 ** (1 / 30), 1.0))
    assert interval_of(np.mean, np.zeros(30, bool)) == pytest.approx((0.0, 1 - 0.001 ** (1 / 30)))


def test_the_interval_of_a_share_lies_between_0_and_1():
    few = np.array([[True, True, True], [True, True, False], [True, False, True]])
    assert interval_of(np.mean, few) == (pytest.approx(0.2, abs=0.2), 1.0)
    assert interval_of(np.mean, few.mean(axis=1), possible=SHARE)[1] == 1.0
    assert interval_of(np.mean, few.mean(axis=1))[1] > 1.0
    assert interval_of(np.mean, few.mean(axis=1)[:1], possible=SHARE) == SHARE


def test_one_replica_says_nothing():
    assert interval_of(np.median, np.array([3.0])) == (-np.inf, np.inf)


def test_replicas_without_a_number_leave_the_interval_open():
    with np.errstate(invalid="ignore", divide="ignore"):
        ends = interval_of(lambda x: float(np.float64(1.0) / (x.max() - x.max())), np.arange(8.0))
    assert ends == (-np.inf, np.inf)
