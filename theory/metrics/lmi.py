"""The linear matrix inequality of a constant metric, solved in floating point.

The solution is a proposal only, which `theory.metrics.exact` accepts or rejects.
"""

import math
import warnings
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError
from theory.metrics.exact import MetricCertificate, Polytope, as_array, rounded

SLACKS = tuple(Fraction(1, 10**digits) for digits in (7, 6, 5, 4, 3))
"""The relative distances from the edge of the inequality at which a metric is sought."""
THINNEST = 1e-6
"""The least eigenvalue of a metric whose floor is 1, so that it stays invertible."""
GRAIN = 10**9
"""Ceilings are rounded up to multiples of 1 / GRAIN."""
STEP = 5e-9
"""Seconds of a solver's step for each cone and entry of its dense block, cubed: the slowest measured."""


def seconds_of_step(size: int, vertices: int) -> float:
    """Return about how long one step of the solver takes, in which it cannot be stopped.

    Sizes 5 to 40 with 6 to 17 vertices took less, 40 variables at 17 vertices all of it: 50 s.
    """
    return STEP * (vertices + 3) * (size * (size + 1) / 2) ** 3


class LeastGain:
    """At a given rate, the metric of least gain: a semidefinite program.

    Least q with EᵀE <= M, GᵀMG <= q I, AᵢᵀM + M Aᵢ + 2 r M <= 0 and DⱼᵀM + M Dⱼ <= 0
    (Boyd, El Ghaoui, Feron & Balakrishnan, Linear Matrix Inequalities, 1994, Secs. 5.1 and 6.3).
    """

    def __init__(self, system: Polytope, left: Callable[[], float] | None = None) -> None:
        """Formulate the program; with `left`, the seconds left, no solver starts when they are over."""
        import cvxpy

        self.system = system
        self.left = left
        measured, enters = as_array(system.measured), as_array(system.enters)
        self._metric = cvxpy.Variable((system.size, system.size), symmetric=True)
        self._gain = cvxpy.Variable()
        self._rate = cvxpy.Parameter()
        metric, least = self._metric, measured.T @ measured
        conditions = [
            metric >> least,
            metric >> THINNEST * np.eye(system.size),
            enters.T @ metric @ enters << self._gain * np.eye(enters.shape[1]),
        ]
        conditions += [
            vertex.T @ metric + metric @ vertex + 2 * self._rate * metric << 0
            for vertex in map(as_array, system.vertices)
        ]
        for direction in map(as_array, system.directions):
            conditions.append(direction.T @ metric + metric @ direction << 0)
            # A semidefinite form that is zero at v has v in its kernel. Without this constraint the
            # solver stays far from the metrics that satisfy it.
            unmoved = scipy.linalg.null_space(direction)
            if unmoved.size:
                conditions.append(direction.T @ metric @ unmoved == 0)
        self._problem = cvxpy.Problem(cvxpy.Minimize(self._gain), conditions)

    def propose(self, rate: float) -> NDArray[np.float64] | None:
        """Return the metric that the solver finds for a rate, None when it finds none."""
        import cvxpy

        if self.left is not None and self.left() <= 0.0:
            return None
        self._rate.value = rate
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                limit = {} if self.left is None else {"time_limit": max(self.left(), 1e-3)}
                self._problem.solve(solver=cvxpy.CLARABEL, **limit)
        except cvxpy.SolverError:
            return None
        except ValueError:
            # products of the numbers are no floats
            most = max(float(np.abs(as_array(vertex)).max()) for vertex in self.system.vertices)
            raise InvalidArgumentError(
                f"a Jacobian holds a number of the size {most:g}, which is too large for the search "
                "for a metric; measure time in a smaller unit."
            ) from None
        if self._problem.status not in ("optimal", "optimal_inaccurate"):
            return None
        proposed: NDArray[np.float64] = np.asarray(self._metric.value)
        return proposed if np.isfinite(proposed).all() else None

    def gain(self, rate: float) -> float | None:
        """Return the gain that the solver finds for a rate, None when it finds none."""
        proposed = self.propose(rate)
        return None if proposed is None else float(self._gain.value)

    def certified(self, rate: Fraction) -> MetricCertificate | None:
        """Return a metric that exact arithmetic confirms at a rate, None when none is found."""
        for slack in SLACKS:
            proposed = self.propose(float(rate * (1 + slack)))
            if proposed is None:
                return None
            found = certified(self.system, proposed, rate, slack)
            if found is not None:
                return found
        return None


def certified(
    system: Polytope, proposed: NDArray[np.float64], rate: Fraction, slack: Fraction
) -> MetricCertificate | None:
    """Round a metric to rational numbers; return it with its gain if it is exactly confirmed."""
    largest = float(np.abs(proposed).max())
    bits = 8 - math.floor(math.log2(float(slack) * largest)) if largest > 0.0 else 1
    metric = rounded(proposed, max(bits, 1))
    enters = as_array(system.enters)
    top = float(np.linalg.eigvalsh(enters.T @ proposed @ enters).max()) * float(1 + slack)
    found = MetricCertificate(
        system=system,
        metric=metric,
        rate=rate,
        floor=1 - slack,
        ceiling=Fraction(math.ceil(top * GRAIN), GRAIN),
    )
    return found if found.holds() else None
