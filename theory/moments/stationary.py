"""Exact second moments in the long run: the Lyapunov equations of the mean and of the differences."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import square_matrix
from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import common_shape, demand_finite, demand_kind, numbers
from theory.moments.methods import Array, Method, Pencil
from theory.moments.settling import along_eigenvectors, for_all_coordinates

MAKERS = "theory.moments.qsgd, easgd, momentum or nesterov"
ALIKE = 1e-9
"""What two halves of a covariance may differ by from rounding, relative to its largest entry."""


@dataclasses.dataclass(frozen=True, eq=False)
class SecondMoments:
    """The stationary second moments of a method on a quadratic loss.

    From `stationary_moments` they are those along one eigenvector of H (the whole is the sum over
    eigenvectors), from `stationary_covariance` those of the whole.

    Parameters
    ----------
    method : Method
        The method.
    together : numpy.ndarray
        The covariance of the mean state and the quorum variable, shape (..., m n, m n).
    apart : numpy.ndarray
        The covariance of (x^i − x^j)/√2, the same for all pairs.
    dimension : int
        n: the length of each vector in the state.

    Examples
    --------
    >>> from theory.moments import qsgd, stationary_moments
    >>> found = stationary_moments(qsgd(agents=4, coupling=2.0), curvature=1.0, noise=0.1)
    >>> float(found.mean.round(6)), float(found.spread.round(6)), float(found.agent.round(6))
    (0.0125, 0.05, 0.025)
    """

    method: Method
    together: Array
    apart: Array
    dimension: int = 1

    @property
    def mean(self) -> Array:
        """E‖x• − x*‖²."""
        return self._square(self.together, "position")

    @property
    def spread(self) -> Array:
        """E Σ_i ‖x^i − x•‖²."""
        return (self.method.agents - 1) * self._square(self.apart, "position")

    @property
    def agent(self) -> Array:
        """E‖x^i − x*‖², the same for all agents."""
        return self.mean + self.spread / self.method.agents

    @property
    def quorum(self) -> Array:
        """E‖x~ − x*‖²; for methods without x~ the quorum variable is x•."""
        has = "quorum" in self.method.state
        return self._square(self.together, "quorum" if has else "position")

    @property
    def mean_velocity(self) -> Array:
        """E‖v•‖²."""
        return self._square(self.together, "velocity")

    @property
    def velocity_spread(self) -> Array:
        """E Σ_i ‖v^i − v•‖²."""
        return (self.method.agents - 1) * self._square(self.apart, "velocity")

    def _square(self, covariance: Array, part: str) -> Array:
        if part not in self.method.state:
            raise InvalidArgumentError(f"{self.method.name} has no {part}.")
        place = self.method.state.index(part)
        diagonal = np.diagonal(covariance, axis1=-2, axis2=-1)
        chosen = diagonal[..., place * self.dimension : (place + 1) * self.dimension]
        return np.asarray(chosen.sum(axis=-1))


def stationary_moments(method: Method, curvature: ArrayLike, noise: ArrayLike) -> SecondMoments:
    """Return the second moments along an eigenvector of H and of the noise.

    Solves A V + V Aᵀ + N = 0, or V = A V Aᵀ + N for an iteration, once for the mean and once for the
    differences of agents.

    Parameters
    ----------
    method : Method
        As `theory.moments.qsgd` and others return it.
    curvature : array_like
        The eigenvalue of H; arrays broadcast with the parameters of the method.
    noise : array_like
        The variance of one agent's noise in that direction: per unit time for a flow and its
        discretizations, (η/b) Σ for SGD; per step for iterations.

    Returns
    -------
    SecondMoments
        Arrays of the broadcast shape.

    Raises
    ------
    InvalidArgumentError
        The method is none, or not stable there, so that it has no stationary law; its moments are too
        large for floats; or an argument is empty, not finite, of another shape, or a negative variance.

    Examples
    --------
    >>> from theory.moments import qsgd, stationary_moments
    >>> found = stationary_moments(qsgd(agents=10, coupling=[0.0, 9.0]), curvature=1.0, noise=2.0)
    >>> found.mean, found.spread
    (array([0.1, 0.1]), array([9. , 0.9]))
    """
    demand_kind(method, Method, "the method", MAKERS)
    given, strength = numbers(curvature, "curvature"), _strength(noise)
    shape = common_shape(
        curvature=given.shape,
        noise=strength.shape,
        agents=method.agents.shape,
        parameters=method.together.constant.shape[:-2],
        differences=method.apart.constant.shape[:-2],
    )
    values = np.broadcast_to(given, shape)
    strength = np.broadcast_to(strength * method.time_step, shape)
    parts = []
    for pencil, share in _parts(method):
        enters = _enters(method, pencil.constant.shape[-1])
        source = (strength * share)[..., None, None] * np.outer(enters, enters)
        parts.append(along_eigenvectors(method, pencil, values, source))
    demand_finite(*parts)
    together, apart = parts
    return SecondMoments(method, together, apart)


def stationary_covariance(method: Method, hessian: ArrayLike, noise: ArrayLike) -> SecondMoments:
    """Return the second moments for a Hessian and a noise covariance that need not commute.

    Parameters
    ----------
    method : Method
        Its parameters are numbers, not arrays.
    hessian : array_like
        H, n rows; also P H for a preconditioner that all agents share (not symmetric in general).
    noise : array_like
        The covariance of one agent's noise, n rows; see `stationary_moments` for its unit.

    Returns
    -------
    SecondMoments
        With ``dimension`` n.

    Raises
    ------
    InvalidArgumentError
        The method is none, or not stable there or too close to it; the noise is no covariance; or an
        argument is not finite or of another shape.

    Examples
    --------
    >>> from theory.moments import qsgd, stationary_covariance
    >>> hessian, noise = [[2.0, 1.0], [1.0, 2.0]], [[1.0, 0.0], [0.0, 0.0]]
    >>> found = stationary_covariance(qsgd(agents=2, coupling=1.0), hessian, noise)
    >>> found.together.round(4)
    array([[ 0.1458, -0.0417],
           [-0.0417,  0.0208]])
    """
    demand_kind(method, Method, "the method", MAKERS)
    if method.together.constant.ndim > 2 or method.apart.constant.ndim > 2 or method.agents.ndim:
        raise InvalidArgumentError(
            "the parameters of the method must be numbers here; stationary_moments takes arrays."
        )
    matrix = square_matrix(hessian, "the Hessian")
    covariance = square_matrix(noise, "the noise")
    if matrix.shape != covariance.shape:
        raise InvalidArgumentError(
            f"the Hessian and the noise must be square and alike, but have the shapes {matrix.shape} "
            f"and {covariance.shape}."
        )
    covariance = _covariance(covariance)
    parts = []
    for pencil, share in _parts(method):
        enters = _enters(method, len(pencil.constant))
        each = np.kron(np.outer(enters, enters), covariance)
        source = np.asarray(each * (float(share) * method.time_step), dtype=np.float64)
        parts.append(for_all_coordinates(method, pencil, matrix, source))
    demand_finite(*parts)
    together, apart = parts
    return SecondMoments(method, together, apart, dimension=len(matrix))


def _parts(method: Method) -> tuple[tuple[Pencil, Array], ...]:
    """Return the systems of the mean and of a difference, with their shares of the noise."""
    return (method.together, 1.0 / method.agents), (method.apart, np.asarray(1.0))


def _enters(method: Method, size: int) -> Array:
    """Return where noise enters; the quorum variable, which comes last, has none."""
    return np.array([*method.noisy, 0.0])[:size]


def _strength(noise: ArrayLike) -> Array:
    strength = numbers(noise, "noise")
    if not (strength >= 0.0).all():
        raise InvalidArgumentError(f"noise is a variance and cannot be negative: {noise!r}.")
    return strength


def _covariance(noise: Array) -> Array:
    """Return the symmetric part of a covariance, which must be all of it but for rounding."""
    slack = ALIKE * np.abs(noise).max()
    if np.abs(noise - noise.T).max() > slack:
        raise InvalidArgumentError(
            f"the noise is a covariance and must be symmetric, but is {noise.tolist()!r}; give G Gᵀ."
        )
    symmetric = noise / 2.0 + noise.T / 2.0
    least = float(np.linalg.eigvalsh(symmetric).min())
    if least < -slack:
        raise InvalidArgumentError(
            f"the noise is a covariance and cannot have the negative eigenvalue {least:g}; give G Gᵀ."
        )
    return np.asarray(symmetric)
