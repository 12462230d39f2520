"""Averages over replicas: whether confidence limits cover, and what is refused."""

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.measured import Measured


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
