"""Measured orders of convergence of the SDE clock: how fast the error falls with dt.

All step sizes see the same Brownian paths, coarsened from one fine path, so that the error of a step
size is a difference of two solutions and not of two samples.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import finite_array, finite_number, whole_number
from sdeopt.clock import SDE
from sdeopt.errors import InvalidArgumentError
from sdeopt.increments import Increments, brownian
from sdeopt.losses.loss import Loss
from sdeopt.noise import NoiseLaw
from sdeopt.record import End
from sdeopt.schedules import AgentSchedules
from sdeopt.simulation.engine import simulate
from sdeopt.start import Start

__all__ = ["Order", "Problem", "measured_order", "second_moment", "strong_order", "weak_order"]

Array: TypeAlias = NDArray[np.float64]

RESAMPLES = 1000
"""Bootstrap samples behind a confidence interval: its ends move by a few percent of its width."""


@dataclass(frozen=True, eq=False)
class Order:
    """A measured order of convergence.

    Attributes
    ----------
    slope : float
        Of log error over log dt, every point weighted by the inverse variance of its logarithm.
    interval : tuple of float
        Confidence interval of the slope from resampled replicas. It covers the Monte Carlo error,
        not the higher powers of dt, which fade as dt is made smaller.
    confidence : float
        Of the interval.
    dt, errors, standard_errors : numpy.ndarray
        One entry per step size, increasing.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.convergence import Order
    >>> dt = np.array([0.1, 0.2])
    >>> print(Order(1.0, (0.9, 1.1), 0.95, dt, errors=dt, standard_errors=0.01 * dt))
    order 1.000, 95% interval [0.900, 1.100]
    """

    slope: float
    interval: tuple[float, float]
    confidence: float
    dt: Array
    errors: Array
    standard_errors: Array

    def __str__(self) -> str:
        low, high = self.interval
        return f"order {self.slope:.3f}, {self.confidence:.0%} interval [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True, eq=False)
class Problem:
    """A stochastic differential equation to be solved up to a time.

    Parameters
    ----------
    loss, algorithm, noise, start, step_size, agents, batch_size
        As for `sdeopt.simulate`; the noise is a Gaussian law or depends on the state.
    time : float
        When solutions are compared.

    Examples
    --------
    >>> import sdeopt as so
    >>> process = so.convergence.Problem(
    ...     so.losses.Quadratic(1.0), so.SGD(), so.noise.Gaussian(1.0), so.start.Point(1.0),
    ...     step_size=0.1, time=1.0)
    >>> process.solve(so.brownian(10, 3, 1, 1, dt=0.1), "euler_maruyama", 0, "agents").shape
    (3, 1, 1)
    """

    loss: Loss
    algorithm: Algorithm
    noise: NoiseLaw
    start: Start
    step_size: AgentSchedules
    time: float
    agents: int = 1
    batch_size: int = 1

    def solve(self, path: Increments, scheme: str, seed: int, variable: str) -> Array:
        """Return a variable at the end, on the path's own time step.

        Parameters
        ----------
        path : Increments
            The Brownian path of every replica.
        scheme : str
            As for `sdeopt.clock.SDE`.
        seed : int
            Of a random start.
        variable : str
            ``"agents"``, ``"mean"`` or ``"quorum"``.

        Returns
        -------
        numpy.ndarray
            float64 of shape (replica, agent, dim) or (replica, dim).
        """
        steps, replicas = path.values.shape[:2]
        assert path.dt is not None
        run = simulate(
            self.loss,
            self.algorithm,
            noise=self.noise,
            start=self.start,
            step_size=self.step_size,
            agents=self.agents,
            batch_size=self.batch_size,
            replicas=replicas,
            steps=steps,
            clock=SDE(path.dt, scheme),
            increments=path,
            record=End((variable,)),
            seed=seed,
            progress=False,
        )
        return np.asarray(run[variable].values, dtype=np.float64)


def second_moment(state: Array) -> Array:
    """Return ‖x‖² of every replica, averaged over the agents.

    Parameters
    ----------
    state : numpy.ndarray
        Of shape (replica, agent, dim) or (replica, dim).

    Returns
    -------
    numpy.ndarray
        Of shape (replica,).

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.convergence import second_moment
    >>> second_moment(np.array([[[3.0, 4.0], [0.0, 1.0]]]))
    array([13.])
    """
    norms = (state**2).sum(axis=-1)
    return np.asarray(norms.reshape(len(norms), -1).mean(axis=1), dtype=np.float64)


def strong_order(
    problem: Problem,
    dt: ArrayLike,
    *,
    scheme: str = "euler_maruyama",
    replicas: int = 1000,
    seed: int = 0,
    variable: str = "agents",
    exact: Callable[[Increments], Array] | None = None,
    refinement: int = 16,
    confidence: float = 0.95,
) -> Order:
    """Measure how fast the paths of a scheme approach the solution: (E‖x_dt − x‖²)^½ ~ dt^order.

    Parameters
    ----------
    problem : Problem
        What is solved.
    dt : sequence of float
        At least three step sizes, all multiples of the least one.
    scheme : {"euler_maruyama", "strong_order_1.5"}
        The scheme that is measured.
    replicas : int
        Independent paths.
    seed : int
        Of paths and start.
    variable : {"agents", "mean", "quorum"}
        What is compared; the error of the agents is averaged over them.
    exact : callable, optional
        Takes the finest path, returns the solution (shaped like the variable). By default the
        solution is the best scheme that fits the noise, on that path.
    refinement : int
        How many steps of the finest path the least dt holds.
    confidence : float
        Of the interval.

    Returns
    -------
    Order
        Slope, interval, and the errors.

    Notes
    -----
    For additive noise Euler-Maruyama has strong order 1 and Rößler's SRA1 ("strong_order_1.5")
    order 1.5 (2 where the drift is linear); for noise that depends on the state Euler-Maruyama has
    order 1/2. Kloeden & Platen (1992), Chap. 10; Rößler (2010). The finest path lies in memory:
    time / dt × refinement × replicas × agents × dim numbers, twice.

    Examples
    --------
    The Ornstein-Uhlenbeck process dx = −x dt + √η dW:

    >>> import sdeopt as so
    >>> from sdeopt.convergence import Problem, strong_order
    >>> process = Problem(so.losses.Quadratic(1.0), so.SGD(), so.noise.Gaussian(1.0),
    ...                   so.start.Point(1.0), step_size=0.1, time=1.0)
    >>> order = strong_order(process, [1 / 16, 1 / 32, 1 / 64], replicas=200)
    >>> round(order.slope, 1)
    1.0
    """
    sizes = _checked_sizes(dt, problem.time)
    pairs = _solutions(problem, sizes, scheme, replicas, seed, variable, exact, refinement)
    squares = [second_moment(solution - reference) for solution, reference in pairs]
    return measured_order(sizes, np.stack(squares, axis=1), np.sqrt, confidence, seed)


def weak_order(
    problem: Problem,
    dt: ArrayLike,
    *,
    functional: Callable[[Array], Array] = second_moment,
    scheme: str = "euler_maruyama",
    replicas: int = 2000,
    seed: int = 0,
    variable: str = "agents",
    exact: Callable[[Increments], Array] | None = None,
    refinement: int = 16,
    confidence: float = 0.95,
) -> Order:
    """Measure how fast an expectation approaches that of the solution: |E g(x_dt) − E g(x)| ~ dt^order.

    Parameters
    ----------
    problem : Problem
        What is solved.
    dt : sequence of float
        At least three step sizes, all multiples of the least one.
    functional : callable
        g: takes the variable with the replicas on its first axis, returns one number for each.
        The default, the second moment, tests the noise too; the mean alone would not.
    scheme, replicas, seed, variable, exact, refinement, confidence
        As for `strong_order`.

    Returns
    -------
    Order
        Slope, interval, and the errors. An error below twice its standard error is not
        resolved: take more replicas or larger dt.

    Raises
    ------
    InvalidArgumentError
        If `functional` or `exact` do not return finite numbers for each replica, or dt cannot be
        measured with.

    Notes
    -----
    Euler-Maruyama has weak order 1, SRA1 weak order 2 for additive noise. Kloeden & Platen (1992),
    Chap. 14; Rößler (2010).

    Examples
    --------
    The Ornstein-Uhlenbeck process dx = −x dt + √η dW:

    >>> import sdeopt as so
    >>> from sdeopt.convergence import Problem, weak_order
    >>> process = Problem(so.losses.Quadratic(1.0), so.SGD(), so.noise.Gaussian(1.0),
    ...                   so.start.Point(1.0), step_size=0.1, time=1.0)
    >>> order = weak_order(process, [1 / 16, 1 / 32, 1 / 64], replicas=500)
    >>> round(order.slope, 1)
    1.0
    """
    sizes = _checked_sizes(dt, problem.time)
    pairs = _solutions(problem, sizes, scheme, replicas, seed, variable, exact, refinement)
    differences = []
    for states in pairs:
        value, goal = (
            finite_array(functional(state), "what functional returns") for state in states
        )
        if value.shape != (len(states[0]),):
            raise InvalidArgumentError(
                f"functional returned shape {value.shape} for {len(states[0])} replicas; "
                "it must return one number for each."
            )
        differences.append(value - goal)
    return measured_order(sizes, np.stack(differences, axis=1), np.abs, confidence, seed)


def measured_order(
    sizes: Array,
    samples: Array,
    error: Callable[[Array], Array],
    confidence: float,
    seed: int,
) -> Order:
    """Fit the slope of log error over log dt, and resample the replicas for its spread.

    Parameters
    ----------
    sizes : numpy.ndarray
        Increasing step sizes.
    samples : numpy.ndarray
        One number for each replica and step size.
    error : callable
        The error as a function of the mean of the samples over replicas.
    confidence : float
        Of the interval, between 0 and 1.
    seed : int
        Of the resampling.

    Returns
    -------
    Order
        The fit.

    Raises
    ------
    InvalidArgumentError
        If an error is 0, or a sample is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.convergence import measured_order
    >>> sizes = np.array([0.1, 0.2, 0.4])
    >>> samples = np.linspace(1, 2, 50)[:, None] * sizes**2
    >>> print(measured_order(sizes, samples, np.abs, confidence=0.9, seed=0))
    order 2.000, 90% interval [2.000, 2.000]
    """
    level = finite_number(confidence, "confidence", 0, open_end=True)
    if level >= 1:
        raise InvalidArgumentError(f"confidence is {confidence}, but must be below 1.")
    samples = finite_array(samples, "samples")
    errors = error(samples.mean(axis=0))
    if not np.all(errors > 0):
        raise InvalidArgumentError(
            f"the error at dt = {sizes[errors <= 0][0]:g} is 0, which has no order; "
            "choose a problem that the scheme does not solve exactly."
        )
    replicas = len(samples)
    random = np.random.default_rng(seed)
    shares = (
        random.multinomial(replicas, np.full(replicas, 1 / replicas)) for _ in range(RESAMPLES)
    )
    resampled = error(np.stack([share @ samples for share in shares]) / replicas)
    logarithms = np.log(np.maximum(resampled, np.finfo(float).tiny))
    # Errors without any spread would have infinite weight; rounding bounds it.
    weights = 1.0 / (logarithms.var(axis=0) + np.finfo(float).eps ** 2)
    positions = np.log(sizes) - np.average(np.log(sizes), weights=weights)
    fit = weights * positions / (weights * positions**2).sum()
    ends = np.quantile(logarithms @ fit, [(1 - level) / 2, (1 + level) / 2])
    return Order(
        slope=float(np.log(errors) @ fit),
        interval=(float(ends[0]), float(ends[1])),
        confidence=level,
        dt=sizes,
        errors=errors,
        standard_errors=resampled.std(axis=0, ddof=1),
    )


def _solutions(
    problem: Problem,
    sizes: Array,
    scheme: str,
    replicas: int,
    seed: int,
    variable: str,
    exact: Callable[[Increments], Array] | None,
    refinement: int,
) -> Iterator[tuple[Array, Array]]:
    """Yield, for each step size, its solution and the reference on the same paths."""
    finer = whole_number(refinement, "refinement", minimum=2)
    steps = finer * round(problem.time / sizes[0])
    copies = whole_number(replicas, "replicas", minimum=2)
    # The least step is cut anew from the time, so that rounding in it does not add up.
    step = problem.time / steps
    path = brownian(steps, copies, problem.agents, problem.loss.dim, step, seed)
    best = "euler_maruyama" if problem.noise.state_dependent else "strong_order_1.5"
    if exact:
        reference = finite_array(exact(path), "what exact returns")
    else:
        reference = problem.solve(path, best, seed, variable)
    for size in sizes:
        coarse = path.coarsen(finer * round(size / sizes[0]))
        solution = problem.solve(coarse, scheme, seed, variable)
        if solution.shape != reference.shape:
            raise InvalidArgumentError(
                f"exact returned shape {reference.shape}, but the solution has {solution.shape}; "
                "return one state for each."
            )
        yield solution, reference


def _checked_sizes(dt: ArrayLike, time: float) -> Array:
    """Return the step sizes in increasing order, each a multiple of the first and a part of time."""
    finite_number(time, "time of the problem", 0, open_end=True)
    sizes = np.unique(finite_array(dt, "dt"))
    if sizes.size < 3 or sizes[0] <= 0:
        raise InvalidArgumentError(
            f"dt is {dt!r}; a slope needs at least three different step sizes above 0."
        )
    for ratios, what in ((sizes / sizes[0], "a multiple of the least one"), (time / sizes, "")):
        wrong = np.abs(ratios - np.rint(ratios)) > 1e-9 * ratios
        if wrong.any():
            rule = what or f"a whole fraction of time = {time:g}"
            raise InvalidArgumentError(f"dt = {sizes[wrong][0]:g} is not {rule}; it must be.")
    return sizes
