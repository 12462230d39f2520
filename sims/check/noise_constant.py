"""C, the bound on the trace of the noise's covariance, and the covariance where it is constant."""

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.noise import Gaussian, Minibatch, NoiseLaw, StateDependent
from sims.check.constants import ESTIMATED, EXACT, UNKNOWN, Constant
from sims.check.problem import Problem
from sims.check.sampling import extreme

__all__ = ["brownian_noise", "constant_covariance", "noise_constant"]

Array = NDArray[np.float64]


def constant_covariance(problem: Problem) -> Array | None:
    """Return BBᵀ, or Cov ζ, where it is the same at all points.

    Parameters
    ----------
    problem : Problem
        With its noise law.

    Returns
    -------
    numpy.ndarray, shape (n, n), optional
        Nothing for noise that depends on x.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.check.noise_constant import constant_covariance
    >>> from sims.check.problem import Problem
    >>> problem = Problem(so.losses.Quadratic(1.0), so.SGD(), so.noise.Uniform(3.0), step_size=0.1)
    >>> constant_covariance(problem)
    array([[3.]])
    """
    law, dim = problem.noise, problem.loss.dim
    if isinstance(law, StateDependent | Minibatch):
        return None
    if isinstance(law, Gaussian) and law.covariance is not None:
        covariance = np.asarray(law.covariance, np.float64)
    elif isinstance(law, Gaussian):
        scales = np.broadcast_to(np.asarray(law.standard_deviation, np.float64), (dim,))
        covariance = np.diag(scales**2)
    else:
        covariance = law.variance * np.eye(dim)
    return np.asarray(problem.level**2 * covariance)


def brownian_noise(problem: Problem) -> NoiseLaw:
    """Return the law that drives the SDE: the given one, or the Gaussian of its covariance."""
    if problem.noise.gaussian:
        return problem.noise
    covariance = constant_covariance(problem)
    assert covariance is not None
    return Gaussian(float(np.sqrt(covariance[0, 0])))


def noise_constant(problem: Problem, box: tuple[tuple[float, float], ...] | None) -> Constant:
    """Return C.

    Parameters
    ----------
    problem : Problem
        With its noise law.
    box : tuple of (low, high), optional
        Where noise that depends on x is looked at.

    Returns
    -------
    Constant
        Exact where the noise is the same everywhere.
    """
    name, law = "noise_bound", problem.noise
    covariance = constant_covariance(problem)
    if covariance is not None:
        return Constant(
            name, float(np.trace(covariance)), EXACT, "the noise is the same everywhere"
        )
    if isinstance(law, StateDependent) and box is not None:
        most = extreme(lambda points: _traces(problem, points), box, 1)
        return Constant(name, most, ESTIMATED, "the largest tr BBᵀ seen in the box")
    hint = "give it" if isinstance(law, Minibatch) else "give it, or a box to look in"
    return Constant(name, None, UNKNOWN, f"the noise depends on x; {hint}")


def _traces(problem: Problem, points: Array) -> Array:
    """Return tr BBᵀ at points, from one step of agents that each feel one unit vector as noise."""
    dim = problem.loss.dim
    directions = np.broadcast_to(np.eye(dim), (1, len(points), dim, dim))
    moved = so.simulate(
        problem.loss,
        so.SGD(),
        steps=1,
        step_size=1.0,
        start=so.start.Point(np.repeat(points[:, None], dim, axis=1)),
        noise=problem.noise,
        agents=dim,
        replicas=len(points),
        increments=directions,
        progress=False,
    )
    steps = moved["agents"].values - points[:, None] + problem.loss.gradient(points)[:, None]
    return np.asarray((steps**2).sum(axis=(1, 2)))
