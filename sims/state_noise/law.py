"""Noise whose size and direction depend on the state, the losses it is added to, and the methods.

B(x) = R(θ) diag(√(1.6 s), √(0.4 s)): θ = 5 (x₁ + x₂) turns the noise as an agent moves, and its
strength s = 1 − 0.6/(1 + ‖x‖²/δ²) rises from 0.4 at the minimizer to 1 far out. That is how the noise
of minibatches of least squares rises, but for the saturation: theirs has no bound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.errors import unknown_name
from sdeopt.losses.loss import Loss
from sims.shared.families import Family
from sims.shared.setting import EasgdSetting, MomentumSetting, Setting

Array = NDArray[np.float64]

DIM = 2
NOISE_BOUND = 2.0
"""C, the supremum of the trace: that of unit noise in two dimensions."""

MISSING, WIDTH = 0.6, 0.15
"""The share of C that the noise lacks at the minimizer, and δ."""


def diffusion(x: Array) -> Array:
    """Return B(x)."""
    squared = x[0] * x[0] + x[1] * x[1]
    strength = 1.0 - MISSING / (1.0 + squared / (WIDTH * WIDTH))
    cosine, sine = np.cos(5.0 * (x[0] + x[1])), np.sin(5.0 * (x[0] + x[1]))
    large, small = np.sqrt(1.6 * strength), np.sqrt(0.4 * strength)
    matrix = np.empty((2, 2))
    matrix[0, 0], matrix[0, 1] = cosine * large, -sine * small
    matrix[1, 0], matrix[1, 1] = sine * large, cosine * small
    return matrix


def strength(x: Array) -> Array:
    """Return tr(B(x)ᵀB(x))/C at points along all axes but the last."""
    return np.asarray(1.0 - MISSING / (1.0 + (x**2).sum(axis=-1) / WIDTH**2))


def _flat() -> Loss:
    # of the class of the log-cosh loss, so that both share one compiled kernel
    return so.losses.QuadraticLogCosh(DIM, strong_convexity=1.0, smoothness=1.0, width=0.5)


def _bent() -> Loss:
    return so.losses.QuadraticLogCosh(DIM, strong_convexity=1.0, smoothness=4.0, width=0.5)


def _wells() -> Loss:
    return so.losses.DoubleWell(DIM, quartic=1.0, curvature=1.0)


LOSSES: dict[str, Callable[[], Loss]] = {
    "round quadratic": _flat,
    "log-cosh": _bent,
    "double well": _wells,
}
"""f = ½‖x‖², the strongly convex loss of other comparisons, and the double well, which is not convex."""

STEEPEST = 4.0
"""L: the largest curvature of all three where agents are."""


class VaryingNoise:
    """A setting whose noise depends on the state."""

    family: str

    def law(self) -> Family:
        """Return the loss and its noise, with a covariance of the trace C that the noise is below."""
        if self.family not in LOSSES:
            raise unknown_name("loss called", self.family, LOSSES)
        noise = so.noise.StateDependent(diffusion, kind="full")
        return Family(LOSSES[self.family](), noise, NOISE_BOUND / DIM * np.eye(DIM), STEEPEST)


@dataclass(frozen=True)
class VaryingQsgd(VaryingNoise, Setting):
    """QSGD with such noise."""


@dataclass(frozen=True)
class VaryingEasgd(VaryingNoise, EasgdSetting):
    """EASGD with such noise."""


@dataclass(frozen=True)
class VaryingMomentum(VaryingNoise, MomentumSetting):
    """QSGD with momentum with such noise."""


METHODS: dict[str, type[Setting]] = {
    "QSGD": VaryingQsgd,
    "EASGD": VaryingEasgd,
    "momentum": VaryingMomentum,
}
"""By name."""
