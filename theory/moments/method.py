"""Coupled methods on quadratic losses: linear systems that split into the mean and the differences.

Agents are alike, so on f = ½ (x − x*)ᵀH(x − x*) a change of coordinates takes the p agents apart: the
mean, with the quorum variable if there is one, feels noise of 1/p of the covariance; each of p − 1
differences obeys one and the same system with the full noise. So the number of agents costs nothing.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Pencil:
    """A matrix that is affine in the Hessian: A = constant ⊗ I + slope ⊗ H."""

    constant: Array
    slope: Array

    def at(self, curvature: ArrayLike) -> Array:
        """Return A along eigenvectors of H, for eigenvalues that broadcast with the parameters."""
        values = np.asarray(curvature, dtype=np.float64)[..., None, None]
        return self.constant + self.slope * values

    def full(self, hessian: Array) -> Array:
        """Return A as one matrix of m n rows; the parameters must be numbers."""
        identity = np.eye(len(hessian))
        return np.kron(self.constant, identity) + np.kron(self.slope, hessian)


@dataclasses.dataclass(frozen=True, eq=False)
class Method:
    """A coupled method on a quadratic loss.

    Parameters
    ----------
    name : str
        What it is called in errors.
    state : tuple of str
        What the joint part is made of: ``"position"`` first, then ``"velocity"`` and ``"quorum"`` as far
        as the method has them. Differences have the same without ``"quorum"``.
    together : Pencil
        The system of the mean and the quorum variable.
    apart : Pencil
        The system of every difference of agents.
    noisy : tuple of float
        How strongly the noise enters each part of an agent's state.
    agents : numpy.ndarray
        p.
    discrete : bool
        Whether the state is multiplied by A at each step, or flows with ẋ = A x.
    time_step : float
        What the covariance of the noise is multiplied by at each step; 1 unless a flow was
        `discretized`.
    """

    name: str
    state: tuple[str, ...]
    together: Pencil
    apart: Pencil
    noisy: tuple[float, ...]
    agents: Array
    discrete: bool = False
    time_step: float = 1.0

    def discretized(self, time_step: float) -> "Method":
        """Return the Euler–Maruyama scheme of a flow: A becomes I + dt A, noise of variance dt.

        With dt = η and noise (η/b) Σ per unit time it is the iteration itself, each step of which adds
        noise of the covariance (η²/b) Σ (all right sides are taken at the old time).

        Parameters
        ----------
        time_step : float
            dt.

        Returns
        -------
        Method
            The scheme.

        Examples
        --------
        >>> from theory.moments import qsgd, stationary_moments
        >>> flow = qsgd(agents=4, coupling=1.0)
        >>> steps = [stationary_moments(flow.discretized(dt), 1.0, 1.0).mean for dt in (0.1, 0.001)]
        >>> [round(float(mean), 4) for mean in (*steps, stationary_moments(flow, 1.0, 1.0).mean)]
        [0.1316, 0.1251, 0.125]
        """
        if self.discrete:
            raise InvalidArgumentError(f"{self.name} is an iteration already; discretize a flow.")
        if not (np.isfinite(time_step) and time_step > 0.0):
            raise InvalidArgumentError(f"the time step must be positive, but is {time_step}.")
        together, apart = (
            Pencil(np.eye(len(part.slope)) + time_step * part.constant, time_step * part.slope)
            for part in (self.together, self.apart)
        )
        return dataclasses.replace(
            self, together=together, apart=apart, discrete=True, time_step=time_step
        )


def table(rows: list[list[Any]]) -> Array:
    """Return matrices whose entries are numbers or arrays that broadcast, on the last two axes."""
    entries = np.broadcast_arrays(
        *(np.asarray(entry, dtype=np.float64) for row in rows for entry in row)
    )
    size = len(rows)
    return np.stack(entries, axis=-1).reshape(*entries[0].shape, size, size)
