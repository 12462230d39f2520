"""The losses on which bounds are held against simulation, with the constants that bounds need."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.errors import unknown_name
from sdeopt.losses.loss import Loss, LossConstants
from sdeopt.noise import NoiseLaw


@dataclass(frozen=True)
class Family:
    """A loss with its noise."""

    loss: Loss
    noise: NoiseLaw
    covariance: NDArray[np.float64]
    fastest: float

    @property
    def noise_bound(self) -> float:
        """C = tr(BᵀB), exact as B is constant."""
        return float(np.trace(self.covariance))

    @property
    def curvature(self) -> float:
        """λ̄."""
        found = self.loss.constants.negative_curvature
        assert found is not None
        return found


def _unit_noise(loss: Loss, fastest: float) -> Family:
    return Family(loss, so.noise.Gaussian(1.0), np.eye(loss.dim), fastest)


def _round_bowl(dim: int) -> Family:
    # The noise by its covariance, as below, so that both bowls share one compiled kernel.
    noise = so.noise.Gaussian(covariance=np.eye(dim))
    return Family(so.losses.Quadratic(np.eye(dim)), noise, np.eye(dim), 1.0)


def _long_bowl(dim: int) -> Family:
    """Curvatures from 1 to 4, and noise whose axes are others: nothing commutes."""
    from scipy import stats

    axes = stats.ortho_group.rvs(dim, random_state=5) if dim > 1 else np.eye(1)
    hessian = axes @ np.diag(np.geomspace(1.0, 4.0, dim)) @ axes.T
    covariance = np.diag(np.geomspace(0.3, 2.0, dim))
    loss = so.losses.Quadratic((hessian + hessian.T) / 2)
    return Family(loss, so.noise.Gaussian(covariance=covariance), covariance, 4.0)


def _log_cosh(dim: int) -> Family:
    loss = so.losses.QuadraticLogCosh(dim, strong_convexity=1.0, smoothness=4.0, width=0.5)
    return _unit_noise(loss, 4.0)


@functools.cache
def _slanted(dim: int) -> Family:
    """Curvature 2.5 + 1.5 u/√(1 + u²) with u = 2x: it goes from 1 to 4, fastest at the minimum.

    So l = 1, L = 4, and the third derivative is at the minimum what it is at most, Q = 3, where that
    of the log-cosh loss changes its sign.
    """
    import sympy

    middle, gain, width = 2.5, 1.5, 0.5
    x = sympy.symbols(f"x1:{dim + 1}", real=True)
    terms = []
    for one in x:
        u = one / width
        root = sympy.sqrt(1 + u**2)
        bend = (u * root + sympy.log(u + root)) / 2 - u
        terms.append(middle * one**2 / 2 + gain * width**2 * bend)
    constants = LossConstants(
        strong_convexity=middle - gain,
        smoothness=middle + gain,
        negative_curvature=gain - middle,
        gradient_curvature=gain / width,
    )
    return _unit_noise(so.losses.from_sympy(sympy.Add(*terms), x, constants), middle + gain)


def _double_well(dim: int) -> Family:
    """Wells at ±1 in every coordinate, of curvature 2, and a hill of curvature −1 between them."""
    return _unit_noise(so.losses.DoubleWell(dim, quartic=1.0, curvature=1.0), 4.0)


FAMILIES: dict[str, Callable[[int], Family]] = {
    "round quadratic": _round_bowl,
    "quadratic": _long_bowl,
    "log-cosh": _log_cosh,
    "slanted": _slanted,
    "double well": _double_well,
}
"""By name: a function from the dimension n to the family."""


def family(name: str, dim: int) -> Family:
    """Return a loss with its noise."""
    if name not in FAMILIES:
        raise unknown_name("family of losses called", name, FAMILIES)
    return FAMILIES[name](dim)
