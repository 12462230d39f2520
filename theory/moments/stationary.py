"""Exact second moments in the long run: the Lyapunov equations of the mean and of the differences."""

import dataclasses

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from sdeopt.arguments import real_array
from sdeopt.errors import InvalidArgumentError
from theory.moments.methods import Array, Method, Pencil


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
        The method is not stable there, so it has no stationary law.

    Examples
    --------
    >>> from theory.moments import qsgd, stationary_moments
    >>> found = stationary_moments(qsgd(agents=10, coupling=[0.0, 9.0]), curvature=1.0, noise=2.0)
    >>> found.mean, found.spread
    (array([0.1, 0.1]), array([9. , 0.9]))
    """
    shape = np.broadcast_shapes(
        np.shape(curvature),
        np.shape(noise),
        method.agents.shape,
        method.together.constant.shape[:-2],
        method.apart.constant.shape[:-2],
    )
    values = np.broadcast_to(real_array(curvature, "curvature"), shape)
    strength = np.broadcast_to(_strength(noise) * method.time_step, shape)
    parts = []
    for pencil, share in _parts(method):
        matrices = pencil.at(values)
        _demand_stable(method, matrices)
        enters = _enters(method, matrices.shape[-1])
        source = (strength * share)[..., None, None] * np.outer(enters, enters)
        parts.append(_solved(matrices, source, method.discrete))
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

    Examples
    --------
    >>> from theory.moments import qsgd, stationary_covariance
    >>> hessian, noise = [[2.0, 1.0], [1.0, 2.0]], [[1.0, 0.0], [0.0, 0.0]]
    >>> found = stationary_covariance(qsgd(agents=2, coupling=1.0), hessian, noise)
    >>> found.together.round(4)
    array([[ 0.1458, -0.0417],
           [-0.0417,  0.0208]])
    """
    if method.together.constant.ndim > 2 or method.apart.constant.ndim > 2 or method.agents.ndim:
        raise InvalidArgumentError(
            "the parameters of the method must be numbers here; stationary_moments takes arrays."
        )
    matrix, covariance = real_array(hessian, "the Hessian"), real_array(noise, "the noise")
    if matrix.ndim != 2 or matrix.shape != covariance.shape or len(set(matrix.shape)) != 1:
        raise InvalidArgumentError(
            f"the Hessian and the noise must be square and alike, but have the shapes {matrix.shape} "
            f"and {covariance.shape}."
        )
    parts = []
    for pencil, share in _parts(method):
        system = pencil.full(matrix)
        _demand_stable(method, system)
        enters = _enters(method, len(pencil.constant))
        source = np.kron(np.outer(enters, enters), covariance) * (float(share) * method.time_step)
        parts.append(
            scipy.linalg.solve_discrete_lyapunov(system, source)
            if method.discrete
            else scipy.linalg.solve_continuous_lyapunov(system, -source)
        )
    together, apart = (np.asarray(part, dtype=np.float64) for part in parts)
    return SecondMoments(method, together, apart, dimension=len(matrix))


def _parts(method: Method) -> tuple[tuple[Pencil, Array], ...]:
    """Return the systems of the mean and of a difference, with their shares of the noise."""
    return (method.together, 1.0 / method.agents), (method.apart, np.asarray(1.0))


def _enters(method: Method, size: int) -> Array:
    """Return where noise enters; the quorum variable, which comes last, has none."""
    return np.array([*method.noisy, 0.0])[:size]


def _strength(noise: ArrayLike) -> Array:
    strength = real_array(noise, "noise")
    if not (np.isfinite(strength) & (strength >= 0.0)).all():
        raise InvalidArgumentError(f"noise is a variance and cannot be negative: {noise!r}.")
    return strength


def _demand_stable(method: Method, matrices: Array) -> None:
    eigenvalues = np.linalg.eigvals(matrices)
    growth = np.abs(eigenvalues) - 1.0 if method.discrete else eigenvalues.real
    worst = float(np.max(growth))
    if not worst < 0.0:
        raise InvalidArgumentError(
            f"{method.name} is not stable here, so its moments do not settle: an eigenvalue has "
            + (
                f"modulus {1.0 + worst:g}, 1 or more."
                if method.discrete
                else f"real part {worst:g}."
            )
        )


def _solved(matrices: Array, source: Array, discrete: bool) -> Array:
    """Solve the Lyapunov equations of many small matrices as linear equations for V."""
    size = matrices.shape[-1]
    identity = np.eye(size)
    if discrete:
        operator = np.eye(size**2) - _kronecker(matrices, matrices)
    else:
        operator = -_kronecker(matrices, identity) - _kronecker(identity, matrices)
    flat = np.linalg.solve(operator, source.reshape(*source.shape[:-2], size**2, 1))
    covariance = flat.reshape(source.shape)
    return (covariance + np.swapaxes(covariance, -1, -2)) / 2


def _kronecker(one: Array, other: Array) -> Array:
    """Return Kronecker products on the last two axes."""
    product = np.einsum("...ij,...kl->...ikjl", one, other)
    size = one.shape[-1] * other.shape[-1]
    return np.asarray(product.reshape(*product.shape[:-4], size, size))
