import numpy as np
import pytest

from sims.shared.measures import Basins, rise, rises, share_in_ripples, share_within, width

X = np.linspace(-3, 3, 6001)


def test_width_of_a_normal_sample():
    sample = np.random.default_rng(0).normal(size=100_000)
    # standard error of a 5% quantile: sqrt(0.05 * 0.95 / n) / density = 0.0067
    assert abs(width(sample) - 2 * 1.6449) < 5 * np.sqrt(2) * 0.0067


def test_share_within_one_place_or_many():
    assert share_within([0, 1, 2, 3], 1, 1) == 0.75
    assert share_within([0, 1], [0.5, 3], 1) == 0.5


def three_wells():
    return Basins.of(X, -np.cos(2 * np.pi * X / 1.5) + 0.2 * (X - 0.1) ** 2)


def test_basins_are_found_and_ranked():
    basins = three_wells()
    np.testing.assert_allclose(basins.minima[1:-1], [-1.464, 0.002, 1.469], atol=1e-3)
    # the waves are bottomed at multiples of 1.5, each pulled a little towards the tilt's centre, 0.1
    assert basins.deepest == 2
    assert basins.two_deepest == (2, 3)
    assert len(basins.ridges) == len(basins.minima) - 1
    assert basins.narrowest == pytest.approx(1.535, abs=0.001)


def test_number_counts_from_the_left():
    basins = Basins(np.array([-1.0, 1.0]), np.array([0.0, -1.0]), np.array([0.0]))
    assert basins.number([-5, -0.1, 0.1, 5]).tolist() == [0, 0, 1, 1]
    assert basins.deepest == 1


def test_inner_halves():
    basins = Basins(np.array([-1.0, 0.5]), np.zeros(2), np.array([0.0]))
    inside = basins.in_inner_half([-1.6, -1.4, -0.6, -0.4, 0.2, 0.3, 0.7, 0.8])
    assert inside.tolist() == [False, True, True, False, False, True, True, False]


def test_a_uniform_law_has_half_of_itself_in_the_inner_half():
    basins = Basins(np.array([-1.0, 0.0, 1.0]), np.zeros(3), np.array([-0.5, 0.6]))
    x = np.linspace(-0.5, 0.6, 100_001)
    assert basins.in_inner_half(x).mean() == pytest.approx(0.5, abs=1e-4)


def test_a_single_basin():
    basins = Basins.of(X, X**2)
    assert basins.two_deepest == (0, 0)
    assert basins.narrowest == np.inf
    assert basins.in_inner_half([-2.0, 2.0]).all()


def test_ripples_are_left_and_right_of_a_minimum():
    period = 2 * np.pi / 22
    assert share_in_ripples([-period, 0.0, 0.2 * period, 0.3 * period, 0.5 * period], 22.0) == 0.6


def test_rise_is_measured_in_standard_errors():
    rng = np.random.default_rng(0)
    before, after = rng.normal(0, 1, 10_000), rng.normal(0.1, 2, 10_000)
    # the error of the difference is sqrt(1 + 4) / 100; the ratio itself has an error of 1
    difference, error = rise(before, after)
    assert error == pytest.approx(np.sqrt(5) / 100, rel=0.05)
    assert abs(difference - 0.1) < 4 * error
    assert rise(after, before) == (-difference, error)
    assert rises("w", before, after).value == difference / error


def test_rise_without_spread():
    assert rises("w", [1.0, 1.0], [2.0, 2.0]).verdict == "holds"
    assert rises("w", [2.0, 2.0], [1.0, 1.0]).verdict == "contradicted"
    assert rises("w", [1.0, 1.0], [1.0, 1.0]).verdict == "undecided"
