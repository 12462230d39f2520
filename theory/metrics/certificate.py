"""A constant metric with its rate and its gain, and their test in exact arithmetic."""

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.metrics.exact import Rows, as_array, is_definite, is_semidefinite, matrix


@dataclasses.dataclass(frozen=True)
class System:
    """All ẋ = F(x, t) + G ε whose Jacobian is in a polytope, seen through E x.

    Parameters
    ----------
    vertices : tuple of rows
        A_1, ..., A_N.
    directions : tuple of rows
        D_1, ..., D_K: the Jacobian is Σ w_i A_i + Σ u_j D_j with w, u >= 0 and Σ w_i = 1.
    enters : rows
        G: where pushes and noise come in.
    measured : rows
        E: what is asked about.
    """

    vertices: tuple[Rows, ...]
    directions: tuple[Rows, ...]
    enters: Rows
    measured: Rows

    @property
    def size(self) -> int:
        """The number of coordinates."""
        return len(self.vertices[0])


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A constant metric M for a system, with what it shows; all numbers are rational and exact.

    With f the floor, c the ceiling and r the rate,

        M > 0,  f EᵀE <= M,  GᵀMG <= c I,  AᵢᵀM + M Aᵢ + 2 r M < 0,  DⱼᵀM + M Dⱼ <= 0.

    The last two are linear in the Jacobian, so they hold for every Jacobian in the polytope as they do
    at its vertices: ẋ = F(x, t) contracts in M with the rate r. Then for the difference of a pushed
    and a free solution, d/dt √(uᵀMu) <= −r √(uᵀMu) + √c ‖ε‖, and by Itô's formula for noise Gσ dW,
    d/dt E uᵀMu <= −2 r E uᵀMu + c tr σᵀσ (Boffi & Slotine 2020, Lemma 2.1 and Cor. 2.1, there with
    E = G = I). So after transients, with the gain q = c/f,

        E‖E u‖ <= √q / r · sup E‖ε‖,    E‖E u‖² <= q / (2 r) · sup tr σᵀσ.

    Parameters
    ----------
    system : System
        What it is said of.
    metric : rows
        M.
    rate : Fraction
        r.
    floor, ceiling : Fraction
        f and c.

    Examples
    --------
    >>> from theory.metrics import best_metric
    >>> found = best_metric([[[-1, 4], [0, -1]]])
    >>> found.holds(), round(float(found.rate), 2)
    (True, 1.0)
    """

    system: System
    metric: Rows
    rate: Fraction
    floor: Fraction
    ceiling: Fraction

    def checks(self) -> dict[str, bool]:
        """Return each condition in words, and whether exact arithmetic finds it true."""
        metric = matrix(self.metric)
        enters, measured = matrix(self.system.enters), matrix(self.system.measured)
        inner = enters.transpose() * metric * enters
        found = {
            "the metric is symmetric": metric == metric.transpose(),
            "the metric is positive definite": is_definite(metric),
            "the metric is above its floor": self.floor > 0
            and is_semidefinite(metric - measured.transpose() * measured * _exact(self.floor)),
            "the metric is below its ceiling": is_semidefinite(
                _exact(self.ceiling) * _identity(inner.nrows()) - inner
            ),
        }
        for number, vertex in enumerate(self.system.vertices, start=1):
            words = f"contraction at vertex {number}"
            found[words] = is_definite(_decrease(metric, matrix(vertex), _exact(self.rate)))
        for number, direction in enumerate(self.system.directions, start=1):
            words = f"no expansion along direction {number}"
            found[words] = is_semidefinite(_decrease(metric, matrix(direction), 0))
        return found

    def holds(self) -> bool:
        """Return whether all conditions are true, in exact arithmetic."""
        return all(self.checks().values())

    @property
    def gain(self) -> Fraction:
        """Ceiling over floor, q; with E = G = I a bound on the condition number of M."""
        return self.ceiling / self.floor

    @property
    def condition(self) -> float:
        """√q; with E = G = I a bound on the condition number of Θ, M = ΘᵀΘ."""
        return math.sqrt(self.gain)

    @property
    def disturbance(self) -> float:
        """√q / r: what E‖E u‖ is at most, per unit of sup E‖ε‖."""
        return self.condition / float(self.rate)

    @property
    def noise(self) -> float:
        """Q / (2 r): what E‖E u‖² is at most, per unit of sup tr σᵀσ."""
        return float(self.gain / (2 * self.rate))

    def array(self) -> NDArray[np.float64]:
        """Return the metric as floats."""
        return as_array(self.metric)


def _decrease(metric: Any, jacobian: Any, rate: Any) -> Any:
    """Return −(AᵀM + M A + 2 r M)."""
    half = metric * jacobian
    return -1 * (half + half.transpose() + metric * (2 * rate))


def _identity(size: int) -> Any:
    return matrix([[Fraction(int(i == j)) for j in range(size)] for i in range(size)])


def _exact(value: Fraction) -> Any:
    import flint

    return flint.fmpq(value.numerator, value.denominator)
