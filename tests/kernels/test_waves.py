"""Waves in turns against arithmetic of 50 digits."""

import mpmath
import numpy as np
import pytest

from sdeopt.kernels.waves import (
    add_wave,
    sine_and_cosine_of_quarter_turns,
    sine_of_half_turns,
    wave,
)

POINTS = np.concatenate(
    [np.random.default_rng(0).uniform(-ends, ends, 600) for ends in (1, 10, 1e4, 1e12)]
    + [np.arange(-6, 6.1, 0.5), [2.0**50, -(2.0**50), 1e-300, 0.0]]
)


@pytest.mark.parametrize("t", [0.0])
def test_zero(t):
    assert sine_of_half_turns(t) == 0.0
    assert sine_and_cosine_of_quarter_turns(t) == (0.0, 1.0)


def test_close_to_the_true_sine_and_cosine():
    with mpmath.workdps(50):
        for t in POINTS:
            exact = mpmath.mpf(float(t))
            half = sine_of_half_turns(t) - mpmath.sinpi(exact)
            sine, cosine = sine_and_cosine_of_quarter_turns(t)
            errors = [half, sine - mpmath.sinpi(exact / 2), cosine - mpmath.cospi(exact / 2)]
            assert max(abs(error) for error in errors) < 5e-16


def test_what_cannot_be_known_is_nan():
    for t in (np.nan, np.inf, -np.inf, 2.0**51, -1e300):
        assert np.isnan(sine_of_half_turns(t))
        assert np.isnan(sine_and_cosine_of_quarter_turns(t)).any()


@pytest.mark.parametrize("amplitude", [1.0, -8.8, 0.0])
def test_a_wave_is_added_with_its_amplitude(amplitude):
    for t in POINTS[np.abs(POINTS) < 1e4]:
        expected = 0.25 + amplitude * sine_of_half_turns(t)
        assert abs(add_wave(0.25, wave(amplitude), t) - expected) < 1e-15 * (1 + abs(amplitude))
