"""Exact arithmetic: rational matrices, and constant metrics whose conditions are decided in it."""

import dataclasses
import math
import numbers
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError, shown

Rows = tuple[tuple[Fraction, ...], ...]
"""A matrix, row by row."""


def listed(given: Any) -> list[Any] | None:
    """Return what a list, an array or a matrix holds; None for text, bytes and what is none of them."""
    if isinstance(given, str | bytes | bytearray | memoryview):
        return None
    try:
        return list(given)
    except TypeError:  # also an array that is one number
        return None


def as_rows(given: Any) -> Rows:
    """Return a matrix of numbers as fractions; a float is taken at its exact binary value."""
    entries = listed(given.tolist() if hasattr(given, "tolist") else given) or []
    rows = [listed(row) or [] for row in entries]
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise InvalidArgumentError(
            f"a matrix must be a list of rows of one length, but it is {shown(given)}."
        )
    return tuple(tuple(_fraction(entry) for entry in row) for row in rows)


def _fraction(entry: Any) -> Fraction:
    if isinstance(entry, float | np.floating) and not np.isfinite(entry):
        raise InvalidArgumentError(f"a matrix must hold finite numbers, but it holds {entry}.")
    if getattr(entry, "is_Rational", False):
        return Fraction(int(entry.p), int(entry.q))
    if isinstance(entry, bool | np.bool_) or not isinstance(entry, numbers.Real):
        raise InvalidArgumentError(
            f"a matrix must hold rational numbers or floats, but it holds {shown(entry)}."
        )
    if isinstance(entry, numbers.Rational):
        return Fraction(int(entry.numerator), int(entry.denominator))
    return Fraction(*entry.as_integer_ratio())  # type: ignore[attr-defined]


def as_array(rows: Rows) -> NDArray[np.float64]:
    """Return the nearest matrix of floats."""
    return np.array([[float(entry) for entry in row] for row in rows])


def rational(value: Fraction) -> Any:
    """Return a fraction as a number of the FLINT library."""
    import flint

    return flint.fmpq(value.numerator, value.denominator)


def matrix(rows: Sequence[Sequence[Fraction]]) -> Any:
    """Return the rows as an exact matrix of the FLINT library."""
    import flint

    entries = [rational(entry) for row in rows for entry in row]
    return flint.fmpq_mat(len(rows), len(rows[0]), entries)


def rounded(values: NDArray[np.float64], bits: int) -> Rows:
    """Return the symmetric part rounded to multiples of 2^-bits."""
    unit = 1 << bits
    scaled = np.rint((values + values.T) / 2 * float(unit))
    return tuple(tuple(Fraction(int(entry), unit) for entry in row) for row in scaled)


def is_definite(square: Any) -> bool:
    """Return whether a symmetric exact matrix is positive definite (Sylvester's criterion)."""
    size = square.nrows()
    return all(_minor(square, range(count)) > 0 for count in range(1, size + 1))


def is_semidefinite(square: Any) -> bool:
    """Return whether a symmetric exact matrix is positive semidefinite, by Gauss's elimination."""
    size = square.nrows()
    rows = [[square[row, column] for column in range(size)] for row in range(size)]
    for place, pivot in enumerate(rows):
        lead, rest = pivot[place], pivot[place + 1 :]
        if lead < 0 or (lead == 0 and any(entry != 0 for entry in rest)):
            return False
        for row in rows[place + 1 :] if lead > 0 else []:
            share = row[place] / lead
            for column in range(place + 1, size):
                row[column] -= share * pivot[column]
    return True


def _minor(square: Any, chosen: Iterable[int]) -> Any:
    import flint

    rows = list(chosen)
    entries = [square[row, column] for row in rows for column in rows]
    return flint.fmpq_mat(len(rows), len(rows), entries).det()


@dataclasses.dataclass(frozen=True)
class Polytope:
    """All systems ẋ = F(x, t) + G ε whose Jacobian lies in a polytope, with E x as the output.

    Parameters
    ----------
    vertices : tuple of rows
        A_1, ..., A_N.
    directions : tuple of rows
        D_1, ..., D_K: the Jacobian is Σ w_i A_i + Σ u_j D_j with w, u >= 0 and Σ w_i = 1.
    enters : rows
        G, through which disturbances and noise enter.
    measured : rows
        E, which gives the output.

    Examples
    --------
    >>> from theory.metrics import Polytope
    >>> one = ((1, 0), (0, 1))
    >>> Polytope(vertices=(((0, 1), (-1, -2)),), directions=(), enters=one, measured=one).vertices
    (((0, 1), (-1, -2)),)
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
class MetricCertificate:
    """A constant metric M for a polytope, with what it shows; all numbers are rational and exact.

    With f the floor, c the ceiling and r the rate,

        M > 0,  f > 0,  r > 0,  f EᵀE <= M,  GᵀMG <= c I,  AᵢᵀM + M Aᵢ + 2 r M < 0,  DⱼᵀM + M Dⱼ <= 0.

    The last two are linear in the Jacobian, so they hold for every Jacobian in the polytope as they do
    at its vertices: ẋ = F(x, t) contracts in M with the rate r. Then for the difference of a disturbed
    and an undisturbed solution, d/dt √(uᵀMu) <= −r √(uᵀMu) + √c ‖ε‖, and by Itô's formula for noise
    Gσ dW, d/dt E uᵀMu <= −2 r E uᵀMu + c tr σᵀσ (Boffi & Slotine 2020, Lemma 2.1 and Cor. 2.1, there
    with E = G = I). So after transients, with the gain q = c/f,

        E‖E u‖ <= √q / r · sup E‖ε‖,    E‖E u‖² <= q / (2 r) · sup tr σᵀσ.

    Parameters
    ----------
    system : Polytope
        The systems it holds for.
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

    system: Polytope
    metric: Rows
    rate: Fraction
    floor: Fraction
    ceiling: Fraction

    def claims(self) -> dict[str, bool]:
        """Return the conditions that no Jacobian enters, without which the others show nothing."""
        symmetric = definite = False
        if set(map(len, self.metric)) == {len(self.metric)}:
            metric = matrix(self.metric)
            symmetric, definite = metric == metric.transpose(), is_definite(metric)
        return {
            "there is a vertex": bool(self.system.vertices),
            "the metric is symmetric": symmetric,
            "the metric is positive definite": definite,
            "the rate is positive": self.rate > 0,
            "the floor is positive": self.floor > 0,
        }

    def checks(self) -> dict[str, bool]:
        """Return each condition in words, and whether it holds in exact arithmetic."""
        found = self.claims()
        if not all(found.values()):
            return found
        metric = matrix(self.metric)
        enters, measured = matrix(self.system.enters), matrix(self.system.measured)
        inner = enters.transpose() * metric * enters
        found |= {
            "the metric is above its floor": is_semidefinite(
                metric - measured.transpose() * measured * rational(self.floor)
            ),
            "the metric is below its ceiling": is_semidefinite(
                rational(self.ceiling) * _identity(inner.nrows()) - inner
            ),
        }
        for number, vertex in enumerate(self.system.vertices, start=1):
            words = f"contraction at vertex {number}"
            found[words] = is_definite(_decrease(metric, matrix(vertex), rational(self.rate)))
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
        """√q / r, the bound on E‖E u‖ per unit of sup E‖ε‖; without a positive rate there is none."""
        return self.condition / float(self.rate) if self._bounds() else math.inf

    @property
    def noise(self) -> float:
        """Half of q / r, the bound on E‖E u‖² per unit of sup tr σᵀσ; without a positive rate none."""
        return float(self.gain / (2 * self.rate)) if self._bounds() else math.inf

    def _bounds(self) -> bool:
        return self.rate > 0 and self.floor > 0

    def array(self) -> NDArray[np.float64]:
        """Return the metric as floats."""
        return as_array(self.metric)


def _decrease(metric: Any, jacobian: Any, rate: Any) -> Any:
    """Return −(AᵀM + M A + 2 r M)."""
    half = metric * jacobian
    return -1 * (half + half.transpose() + metric * (2 * rate))


def _identity(size: int) -> Any:
    return matrix([[Fraction(int(i == j)) for j in range(size)] for i in range(size)])
