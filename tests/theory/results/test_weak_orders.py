"""The two models of SGD on f = h x²/2 with constant noise, where all moments are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

CURVATURE, TIME, START, NOISE, BATCH = 1.3, 1.0, 2.0, 0.7, 4
STEPS = np.array([20, 40, 80, 160])
RATES = TIME / STEPS


def moments_of_sgd() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    factor = 1.0 - RATES * CURVATURE
    variance = RATES**2 * NOISE / BATCH * (1.0 - factor ** (2 * STEPS)) / (1.0 - factor**2)
    return START * factor**STEPS, variance


def moments_of_model(rate: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of dx = −r x dt + √(η s/b) dW."""
    variance = RATES * NOISE / BATCH * (1.0 - np.exp(-2.0 * rate * TIME)) / (2.0 * rate)
    return START * np.exp(-rate * TIME), variance


def slopes(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.diff(np.log(np.abs(errors))) / np.diff(np.log(RATES))


FIRST = moments_of_model(np.full(4, CURVATURE))
SECOND = moments_of_model(CURVATURE + RATES / 2.0 * CURVATURE**2)
WRONG = moments_of_model(CURVATURE - RATES / 2.0 * CURVATURE**2)


@pytest.mark.parametrize(("model", "order"), [(FIRST, 1.0), (SECOND, 2.0), (WRONG, 1.0)])
def test_means_have_the_order(
    model: tuple[NDArray[np.float64], NDArray[np.float64]], order: float
) -> None:
    """The drift of eq. (1) gains one order, and only with its sign."""
    assert slopes(model[0] - moments_of_sgd()[0]) == pytest.approx(order, abs=0.1)


def test_second_moments_test_the_noise() -> None:
    """Without noise the variance is off by O(η), as is the mean: a slope of 1 tells nothing."""
    _, variance = moments_of_sgd()
    assert slopes(FIRST[1] - variance) == pytest.approx(2.0, abs=0.15)
    assert slopes(0.0 - variance) == pytest.approx(1.0, abs=0.1)
