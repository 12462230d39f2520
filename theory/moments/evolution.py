"""Exact means and covariances of a network on a quadratic loss: at a step, and in the long run."""

import dataclasses

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import demand_finite, demand_kind, per_agent
from theory.moments.methods import Array
from theory.moments.networks import Network

DEPTH = 200
"""Directions that the solver keeps."""
SLOWEST = 1e-9
"""By how much second moments must shrink in a period: 1 less that has lost most digits of a float."""


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkMoments:
    """Means and covariances of all agents at one step, along one eigenvector of H.

    Parameters
    ----------
    network : Network
        The iteration.
    average : numpy.ndarray
        E z − z*, shape (m,), with the positions first.
    covariance : numpy.ndarray
        Of z, shape (m, m).

    Examples
    --------
    >>> from theory.moments import after, network
    >>> mean_field = network(coupling=2.0, step_size=0.1, agents=4)
    >>> found = after(mean_field, 10, curvature=1.0, noise=0.01, start=1.0)
    >>> round(found.mean, 4), round(found.spread, 4)
    (0.1331, 0.0588)
    """

    network: Network
    average: Array
    covariance: Array

    @property
    def second(self) -> Array:
        """E (x − x*)(x − x*)ᵀ of the positions, shape (p, p)."""
        p = self.network.agents
        around = np.outer(self.average[:p], self.average[:p])
        return np.asarray(self.covariance[:p, :p] + around)

    @property
    def mean(self) -> float:
        """E (x• − x*)²."""
        return float(self.second.mean())

    @property
    def spread(self) -> float:
        """E Σ_i (x^i − x•)²."""
        return float(np.trace(self.second) - self.network.agents * self.mean)

    @property
    def agents(self) -> Array:
        """E (x^i − x*)² of each agent."""
        return np.asarray(np.diagonal(self.second))

    @property
    def quorum(self) -> float:
        """E (x~ − x*)²; without a centre the quorum variable is x•."""
        at = self.network.centre
        if at is None:
            return self.mean
        return float(self.covariance[at, at] + self.average[at] ** 2)


def after(
    network: Network,
    steps: int,
    curvature: float,
    noise: ArrayLike,
    start: ArrayLike = 0.0,
    start_variance: ArrayLike = 0.0,
) -> NetworkMoments:
    """Return means and covariances after some steps.

    Parameters
    ----------
    network : Network
        As `theory.moments.network` returns it.
    steps : int
        How many.
    curvature : float
        h.
    noise : float or array_like of shape (p,)
        The variance that one step adds to an agent's position: (η²/b) Σ.
    start, start_variance : float or array_like of shape (p,)
        Mean x − x* and variance of the agents' independent first positions. Velocities start at 0, the
        centre at the mean of the agents, and what is delayed is the start until more has happened.

    Returns
    -------
    NetworkMoments
        After the last step.

    Raises
    ------
    InvalidArgumentError
        The network is none, a variance is negative, a number is not finite, or the moments grow beyond
        floats.

    Examples
    --------
    >>> from theory.moments import after, network
    >>> alone = network(coupling=0.0, step_size=0.1, agents=1)
    >>> found = after(alone, 2, curvature=1.0, noise=0.01, start=1.0)
    >>> found.average.round(4), found.covariance.round(4)
    (array([0.81]), array([[0.0181]]))
    """
    demand_kind(network, Network, "the network", "theory.moments.network")
    p, h = network.agents, finite_number(curvature, "curvature")
    many, source = whole_number(steps, "steps"), _source(network, noise)
    first = _first_positions(network)
    average = first @ per_agent(start, "start", p)
    variances = per_agent(start_variance, "start_variance", p, least=0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        moment = first @ np.diag(variances) @ first.T + np.outer(average, average)
        for step in range(many):
            moment = network.second_moment(moment, h, step) + source
            average = network.mean_matrix(h, step) @ average
        covariance = moment - np.outer(average, average)
        sizes = np.asarray(np.abs(moment).sum(), dtype=np.float64)
    demand_finite(average, covariance, sizes)
    return NetworkMoments(network, average, covariance)


def long_run(
    network: Network, curvature: float, noise: ArrayLike, phase: int = 0
) -> NetworkMoments:
    """Return the covariances in the long run, where the mean is x*.

    Parameters
    ----------
    network : Network
        As `theory.moments.network` returns it.
    curvature : float
        h.
    noise : float or array_like of shape (p,)
        As for `after`.
    phase : int
        With a period, how many steps after its end the state is looked at.

    Returns
    -------
    NetworkMoments
        With averages of 0.

    Raises
    ------
    InvalidArgumentError
        Second moments grow, so there is no long run, or settle too slowly for floats; or the network is
        none, an argument not finite, or a variance negative.

    Examples
    --------
    A ring is slower than the complete graph to bring agents together:

    >>> from theory.moments import long_run, network
    >>> ring = (np.eye(6) + np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0)) / 3
    >>> spreads = [long_run(network(coupling=4.0, step_size=0.1, weights=w), 1.0, 0.01).spread
    ...            for w in (ring, np.full((6, 6), 1 / 6))]
    >>> [round(spread, 4) for spread in spreads]
    [0.0867, 0.0667]
    """
    demand_kind(network, Network, "the network", "theory.moments.network")
    h, source = finite_number(curvature, "curvature"), _source(network, noise)
    size, period, phase = network.size, network.period, whole_number(phase, "phase")
    if not np.isfinite(network.base(h)).all():
        raise InvalidArgumentError(
            f"curvature is {h:g}, with which a step is too large for floats; take a smaller one."
        )

    def cycle(moment: Array, added: Array) -> Array:
        for step in range(phase, phase + period):
            moment = network.second_moment(moment, h, step) + added
        return moment

    nothing = np.zeros_like(source)
    with np.errstate(over="ignore", invalid="ignore"):
        gathered, matrix = cycle(nothing, source), np.eye(size)
        for step in range(phase, phase + period):
            matrix = network.mean_matrix(h, step) @ matrix
        fits = np.isfinite(cycle(np.eye(size), source)).all() and np.isfinite(matrix).all()
    if not fits:
        _demand_decay(np.inf)
    if network.met is None and np.isin(network.chances, (0.0, 1.0)).all():
        _demand_decay(float(np.abs(np.linalg.eigvals(matrix)).max()) ** 2)
        moment = scipy.linalg.solve_discrete_lyapunov(matrix, gathered)
    else:
        moment = _fixed_point(cycle, gathered, nothing)
    found = np.asarray((moment + moment.T) / 2.0, dtype=np.float64)
    demand_finite(found)
    return NetworkMoments(network, np.zeros(size), found)


def _fixed_point(cycle, gathered: Array, nothing: Array) -> Array:  # type: ignore[no-untyped-def]
    """Return S = E A S Aᵀ + N of a random A, whose map of S to S is known but too large to store."""
    size = len(gathered)

    def moved(flat: Array) -> Array:
        return np.asarray(cycle(flat.reshape(size, size), nothing).ravel())

    whole = (size**2, size**2)
    growth = scipy.sparse.linalg.LinearOperator(whole, matvec=moved, dtype=np.float64)
    if size > 1:
        # the largest factor belongs to a positive matrix, so the search begins with one
        found = scipy.sparse.linalg.eigs(
            growth, k=1, v0=np.eye(size).ravel(), return_eigenvectors=False, tol=1e-10
        )
        _demand_decay(float(np.abs(found).max()))
    else:
        _demand_decay(float(moved(np.ones(1))[0]))
    left = scipy.sparse.linalg.LinearOperator(
        whole, matvec=lambda flat: flat - moved(flat), dtype=np.float64
    )
    flat, _ = scipy.sparse.linalg.gmres(
        left, gathered.ravel(), rtol=1e-13, atol=0.0, restart=min(DEPTH, size**2), maxiter=50
    )
    moment = flat.reshape(size, size)
    missed = np.abs(cycle(moment, nothing) + gathered - moment).max()
    if missed > 1e-9 * np.abs(moment).max():
        raise InvalidArgumentError(
            "the moments settle too slowly here to be found to nine digits; move the parameters away "
            "from the border of stability."
        )
    return np.asarray(moment)


def _demand_decay(growth: float) -> None:
    if not growth < 1.0:
        raise InvalidArgumentError(
            f"the iteration is not stable here, so its moments do not settle: second moments are "
            f"multiplied by {growth:g} in a period."
        )
    if growth > 1.0 - SLOWEST:
        raise InvalidArgumentError(
            f"the moments settle too slowly here to be found to six digits: what is left of second "
            f"moments after a period is 1 - {1.0 - growth:.1g}; take larger steps."
        )


def _source(network: Network, noise: ArrayLike) -> Array:
    variances = per_agent(noise, "noise", network.agents, least=0.0)
    return np.asarray(network.noisy @ np.diag(variances) @ network.noisy.T)


def _first_positions(network: Network) -> Array:
    """Return how the first positions enter z: the past is the start, the centre their mean."""
    p, size = network.agents, network.size
    enters = np.zeros((size, p))
    end = size if network.centre is None else network.centre
    velocities = network.noisy[p:].sum(axis=1) > 0.0
    for place in range(end):
        if place < p or not velocities[place - p]:
            enters[place, place % p] = 1.0
    enters[end:] = 1.0 / p
    return enters
