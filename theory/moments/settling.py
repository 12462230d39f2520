"""Where the second moments of a linear system settle: in floats, and where these lose digits exactly."""

import numpy as np
import scipy.linalg

from sdeopt.errors import InvalidArgumentError
from theory.moments.methods import Array, Method, Pencil
from theory.moments.rational_solution import settled

WORST = 1e4
"""The condition number of a Lyapunov equation from which on it is solved in rational numbers."""
SMALL = 8
"""The largest system for which that is quick."""
CLOSE = 1e-10
"""How far, as a share of the largest factor, larger ones must be from the border of stability."""


def along_eigenvectors(method: Method, pencil: Pencil, values: Array, source: Array) -> Array:
    """Return the solutions for many small matrices, in rational numbers where floats lose digits."""
    shape, size = source.shape, source.shape[-1]
    constant, slope, source = (
        np.broadcast_to(each, shape).reshape(-1, size, size)
        for each in (pencil.constant, pencil.slope, source)
    )
    values = values.ravel()
    with np.errstate(over="ignore", invalid="ignore"):
        changes = Pencil(constant, slope).change(values)
        operator = _operator(changes, method.discrete)
    fits = np.isfinite(operator).all(axis=(-2, -1))
    conditions = np.full(len(values), np.inf)
    conditions[fits] = np.linalg.cond(operator[fits], 1)
    # where this is small no sum of two eigenvalues is near 0, so their signs are right too
    clear = conditions < WORST
    found = np.empty((len(values), size, size))
    if clear.any():
        _demand_stable(method, changes[clear])
        with np.errstate(over="ignore"):
            found[clear] = _solved(operator[clear], source[clear])
    for place in np.flatnonzero(~clear):
        moment = settled(
            constant[place],
            slope[place],
            values[place].reshape(1, 1),
            source[place],
            steps=method.discrete,
        )
        if moment is None:
            raise _unstable(method, changes[place])
        found[place] = moment
    return found.reshape(shape)


def for_all_coordinates(method: Method, pencil: Pencil, hessian: Array, source: Array) -> Array:
    """Return the solution for one matrix of any size."""
    with np.errstate(over="ignore", invalid="ignore"):
        change = pencil.full_change(hessian)
    if not np.isfinite(change).all():
        raise InvalidArgumentError(
            "the Hessian times the parameters of the method is too large for floats; scale it."
        )
    small = len(change) <= SMALL
    if small and not np.linalg.cond(_operator(change, method.discrete), 1) < WORST:
        moment = settled(pencil.constant, pencil.slope, hessian, source, steps=method.discrete)
        if moment is None:
            raise _unstable(method, change)
        return np.asarray(moment)
    largest = 1.0 if method.discrete else np.abs(np.linalg.eigvals(change)).max()
    if not small and abs(_growth(method, change)) < CLOSE * largest:
        raise InvalidArgumentError(
            f"{method.name} is too close to the border of stability here for floats; where Hessian and "
            "noise have common eigenvectors, call stationary_moments along these."
        )
    _demand_stable(method, change)
    if method.discrete:
        return np.asarray(scipy.linalg.solve_discrete_lyapunov(pencil.full(hessian), source))
    return np.asarray(scipy.linalg.solve_continuous_lyapunov(change, -source))


def _growth(method: Method, changes: Array) -> float:
    """Return how far the worst eigenvalue is beyond the border of stability."""
    each = np.linalg.eigvals(changes)
    if not method.discrete:
        return float(each.real.max())
    # |1 + μ| − 1, also for a tiny μ
    return float(((2.0 * each.real + np.abs(each) ** 2) / (np.abs(1.0 + each) + 1.0)).max())


def _demand_stable(method: Method, changes: Array) -> None:
    if not _growth(method, changes) < 0.0:
        raise _unstable(method, changes)


def _unstable(method: Method, changes: Array) -> InvalidArgumentError:
    # floats may see the worst eigenvalue on the right side of the border
    worst = max(_growth(method, changes), 0.0) if np.isfinite(changes).all() else np.inf
    return InvalidArgumentError(
        f"{method.name} is not stable here, so its moments do not settle: an eigenvalue has "
        + (
            f"modulus {1.0 + worst:g}, 1 or more."
            if method.discrete
            else f"real part {worst:g}, 0 or more."
        )
    )


def _operator(changes: Array, discrete: bool) -> Array:
    """Return what V is multiplied by in the Lyapunov equations of many small matrices."""
    identity = np.eye(changes.shape[-1])
    moved = _kronecker(changes, identity) + _kronecker(identity, changes)
    return -(moved + _kronecker(changes, changes)) if discrete else -moved


def _solved(operator: Array, source: Array) -> Array:
    """Solve the Lyapunov equations as linear equations for V."""
    flat = np.linalg.solve(operator, source.reshape(len(source), -1, 1))
    covariance = flat.reshape(source.shape)
    return np.asarray((covariance + np.swapaxes(covariance, -1, -2)) / 2)


def _kronecker(one: Array, other: Array) -> Array:
    """Return Kronecker products on the last two axes."""
    product = np.einsum("...ij,...kl->...ikjl", one, other)
    size = one.shape[-1] * other.shape[-1]
    return np.asarray(product.reshape(*product.shape[:-4], size, size))
