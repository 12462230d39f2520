"""The metric of Lemma 5.3 in numbers, and the β for which Theorem 5.3 is sharpest in it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import theory

SHIFTS = 400
"""Values of β that are tried."""


def metric(
    shift: ArrayLike, damping: float, strong_convexity: float, smoothness: float
) -> dict[str, Any]:
    """Return λ_c, m and κ(Θ) of the coordinates (αx, v + βx)."""
    beta = np.asarray(shift, np.float64)
    stretch = (strong_convexity + smoothness) / 2 - beta * (damping - beta)
    rows = [[stretch + beta**2, beta], [beta, np.ones_like(beta)]]
    squares = np.linalg.eigvalsh(np.moveaxis(np.array(rows), (0, 1), (-2, -1)))
    rate = theory.load("lemma_5_3").bound(
        metric_shift=beta,
        damping=damping,
        strong_convexity=strong_convexity,
        smoothness=smoothness,
    )
    return {
        "rate": rate,
        "metric_floor": squares[..., 0],
        "metric_condition": np.sqrt(squares[..., 1] / squares[..., 0]),
    }


def best_shift(
    distortion: ArrayLike, level: float, damping: float, strong_convexity: float, smoothness: float
) -> dict[str, float]:
    """Return λ_c, m and κ(Θ) for the β that makes κD/λ_c + √(N/(λ_c m)) least."""
    least, most = (
        (np.sqrt(smoothness) + sign * np.sqrt(strong_convexity)) ** 2 / 4 for sign in (-1, 1)
    )
    shifts = damping * np.arange(1, SHIFTS) / SHIFTS
    inner = shifts * (damping - shifts)
    found = metric(shifts[(least < inner) & (inner < most)], damping, strong_convexity, smoothness)
    noise = np.sqrt(level / (found["rate"] * found["metric_floor"]))
    place = int(np.argmin(found["metric_condition"] * distortion / found["rate"] + noise))
    return {name: float(values[place]) for name, values in found.items()}
