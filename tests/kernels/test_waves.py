"""Waves in turns against arithmetic of 50 digits."""

import mpmath
import numpy as np
import pytest

from sdeopt.kernels.waves import (
    LARGEST,
    add_wave,
    is_lost,
    sine_and_cosine_of_quarter_turns,
    wave,
)

NOTHING = np.uint64(0)
POINTS = np.concatenate(
    [np.random.default_rng(0).uniform(-ends, ends, 600) for ends in (1, 10, 1e4, 1e12)]
    + [np.arange(-6, 6.1, 0.5), [2.0**50, -(2.0**50), 1e-300, 0.0]]
)


def sine_of_half_turns(t):
    return add_wave(0.0, wave(1.0), t, NOTHING)[0]


@pytest.mark.parametrize("t", [0.0])
def test_zero(t):
    assert sine_of_half_turns(t) == 0.0
    assert sine_and_cosine_of_quarter_turns(t, NOTHING)[:2] == (0.0, 1.0)


def test_close_to_the_true_sine_and_cosine():
    with mpmath.workdps(50):
        for t in POINTS:
            exact = mpmath.mpf(float(t))
            half = sine_of_half_turns(t) - mpmath.sinpi(exact)
            sine, cosine, _ = sine_and_cosine_of_quarter_turns(t, NOTHING)
            errors = [half, sine - mpmath.sinpi(exact / 2), cosine - mpmath.cospi(exact / 2)]
            assert max(abs(error) for error in errors) < 5e-16


@pytest.mark.parametrize("amplitude", [1.0, -8.8, 0.0])
def test_a_wave_is_added_with_its_amplitude(amplitude):
    for t in POINTS[np.abs(POINTS) < 1e4]:
        expected = 0.25 + amplitude * sine_of_half_turns(t)
        total, _ = add_wave(0.25, wave(amplitude), t, NOTHING)
        assert abs(total - expected) < 1e-15 * (1 + abs(amplitude))


@pytest.mark.parametrize("t", [*POINTS[:20], LARGEST - 1, 1 - LARGEST, 1e-300])
def test_what_is_known_is_not_lost(t):
    words = add_wave(0.0, wave(1.0), t, NOTHING)[1], sine_and_cosine_of_quarter_turns(t, NOTHING)[2]
    assert [is_lost(word) for word in words] == [0, 0]


@pytest.mark.parametrize("t", [LARGEST, -LARGEST - 1, 1e300, -1e17, np.inf, -np.inf, np.nan])
def test_what_is_lost_stays_lost(t):
    half = np.uint64(add_wave(0.0, wave(1.0), t, NOTHING)[1])
    quarter = np.uint64(sine_and_cosine_of_quarter_turns(t, NOTHING)[2])
    later = (
        np.uint64(add_wave(0.0, wave(1.0), 0.25, half)[1]),
        np.uint64(sine_and_cosine_of_quarter_turns(0.25, quarter)[2]),
    )
    assert all(is_lost(word) != 0 for word in (half, quarter, *later))
