"""Suprema of smooth functions of one variable, for the curvature constants of the toy losses."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from sdeopt.arguments import Array

POINTS_PER_WAVE = 64
CELLS_REFINED = 16


def supremum(function: Callable[[Array], Array], radius: float, frequency: float) -> float:
    """Return the largest value of an even function on [0, radius]."""
    waves = frequency * radius / (2.0 * np.pi)
    grid = np.linspace(0.0, radius, max(int(POINTS_PER_WAVE * waves), POINTS_PER_WAVE) + 1)
    heights = function(grid)
    spacing = grid[1]
    best = float(heights.max())
    for start in grid[np.argsort(heights)[-CELLS_REFINED:]]:
        found = minimize_scalar(
            lambda x: -float(function(np.array([x]))[0]),
            bounds=(max(start - spacing, 0.0), start + spacing),
            method="bounded",
            options={"xatol": 1e-12 * max(radius, 1.0)},
        )
        best = max(best, -float(found.fun))
    return best
