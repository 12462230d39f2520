"""A noise law of one's own, by its quantile function."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate

from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.gauss_rule import node_count
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order
from sdeopt.user_functions.function import UserFunction

KERNEL = """
from sdeopt.kernels.intrinsics import bits_of
from sdeopt.kernels.variates import unit_interval


@compiled
def variates(drawn, row, shape):
    for each in range(row, row + 2):
        for lane in range(drawn.shape[1]):
            drawn[each, lane] = {user}(unit_interval(bits_of(drawn[each, lane])))
"""

ENOUGH = 1e-6
"""The relative error to which a moment must be found."""

PRECISION = 1e-8
"""The relative error to which a moment is sought."""


@dataclass(frozen=True, eq=False)
class FromQuantile(NoiseLaw):
    """Every coordinate of ζ is Q(u) with u uniform on (0, 1), by inversion.

    Parameters
    ----------
    quantile : callable
        ``Q(u)`` of one number between 0 and 1, without these; in units of the gradient. It is compiled,
        so it uses plain arithmetic and the functions of math, numpy or `sdeopt.math`. Its mean should be
        0, else the agents drift.

    Examples
    --------
    >>> import math
    >>> import sdeopt as so
    >>> logistic = so.noise.FromQuantile(lambda u: math.log(u / (1.0 - u)))
    >>> round(logistic.variance, 6) == round(math.pi**2 / 3.0, 6)
    True
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), noise=logistic, steps=20, step_size=0.1,
    ...                   start=so.start.Point(1.0))
    """

    quantile: Callable[..., Any]

    def __post_init__(self) -> None:
        super().__post_init__()
        role = "the quantile function of noise.FromQuantile"
        object.__setattr__(self, "quantile", UserFunction.of(self.quantile, role, KERNEL))

    def functions(self) -> dict[str, tuple[str, str]]:
        """Return the compiled Q."""
        return {"variates": (self._wrapped().module, "variates")}

    def check(self, dim: int) -> None:
        """Refuse a function that raises, cannot be compiled or returns no number."""
        for probability in (0.3, 0.8):
            self._wrapped().check((probability,), ())

    def raw_moment(self, order: int) -> float:
        """Return ∫ Q(u)^order du, found numerically."""
        order = moment_order(order)
        try:
            size, error = _integral(lambda u: abs(self._called(u)) ** order, 0.0)
            value, more = size, 0.0
            if order % 2:
                # terms that cancel are summed to a part of their size, whatever the unit
                value, more = _integral(lambda u: self._called(u) ** order, PRECISION * size)
        except OverflowError:
            value = error = more = size = math.inf
        finite = math.isfinite(value) and math.isfinite(size)
        if not finite or max(error, more) > ENOUGH * max(size, 1e-300):
            raise InvalidArgumentError(
                f"the moment of order {order} of noise.FromQuantile does not converge; its law has "
                "none, or a quantile function that is too rough to integrate."
            )
        return value

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return the Gauss-Legendre rule in u."""
        nodes, weights = np.polynomial.legendre.leggauss(node_count(points))
        values = [self._called(float(u)) for u in 0.5 * (nodes + 1.0)]
        return np.array(values), 0.5 * weights

    def _called(self, probability: float) -> float:
        """Return Q(u) as Python computes it."""
        return float(self._wrapped()(probability))

    def _wrapped(self) -> UserFunction:
        assert isinstance(self.quantile, UserFunction)
        return self.quantile


def _integral(function: Callable[[float], float], most: float) -> tuple[float, float]:
    """Return an integral from 0 to 1 and its error, which the caller judges; so nothing is warned of."""
    value, error, *_ = integrate.quad(
        function, 0.0, 1.0, limit=500, epsabs=most, epsrel=PRECISION, full_output=1
    )
    return float(value), float(error)
