"""From which coupling on agents drive each other apart where the loss is flat, hence on any loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse.linalg
from numpy.typing import ArrayLike

from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import numbers
from theory.moments.networks import Network, network

ROUNDED = 1e-9
"""What the largest of many factors may be beyond one by rounding."""

HALVINGS, DOUBLINGS = 24, 20
PARTS = 8
"""In how many parts, of one ratio, a doubling of the coupling is tried."""


def flat_border(*, step_size: ArrayLike, **who: Any) -> float:
    """Return the coupling from which on differences of agents grow where there is no gradient.

    Agents that agree stay where they are there, so that alone their differences count. Where agents
    communicate at random, or meet in random pairs, second moments decide.

    Parameters
    ----------
    step_size : float or array_like of shape (p,)
        η.
    **who
        Of `network`: ``weights``, ``agents``, ``pairs``, ``delay``, ``participation``, ``period``,
        ``staggered`` and ``quorum``. Momentum does not matter: velocities die out.

    Returns
    -------
    float
        The least such k, to seven digits, with a rare participation q to the share 1e-9/q of it;
        infinite where no coupling drives them apart. Further on differences may shrink again, with
        unlike delays and turns. What grows only between two neighbours of the k tried, 9% apart, is
        not seen.

    Raises
    ------
    InvalidArgumentError
        No step size is positive, one is negative, or `network` refuses an argument.

    Examples
    --------
    Four agents bear 2/η with their mean, half of it if that is late, and 2/((p + 1)η) with a centre:

    >>> from theory.moments import flat_border
    >>> [round(flat_border(step_size=0.1, agents=4, delay=late), 4) for late in (0, 1)]
    [20.0, 10.0]
    >>> round(flat_border(step_size=0.1, agents=4, quorum="filter"), 4)
    4.0

    With a centre that one of them at a time moves, they bear 1/η:

    >>> turns = {"period": 4, "staggered": True}
    >>> round(flat_border(step_size=0.1, agents=4, quorum="filter", **turns), 4)
    10.0
    """
    steps = numbers(step_size, "step_size", least=0.0)
    largest = float(steps.max())
    if largest == 0.0:
        raise InvalidArgumentError(
            f"step_size is {step_size!r}, but at least one must be above 0; give such a step size."
        )

    def pulled(pull: float) -> Network:
        return network(coupling=pull, step_size=steps / largest, **who)

    def grows(pull: float) -> bool:
        return _growth(pulled(pull)) > 1.0 + ROUNDED

    reach = _reach(pulled(1.0))
    if reach == 0.0:
        return float("inf")
    # up to here agents and centre move to a convex combination of what they know, unless weights are
    # negative
    low, high = 0.0, 1.0 / max(reach, 1.0)
    if not grows(high):
        low, high = _first_growth(grows, high)
    if high == float("inf"):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if grows(middle) else (middle, high)
    border = high / largest
    if not np.isfinite(border):
        raise InvalidArgumentError(
            f"step_size is {step_size!r}, with which the border is too large for floats; take a larger "
            "one."
        )
    return border


def _first_growth(grows: Callable[[float], bool], start: float) -> tuple[float, float]:
    """Return neighbours of the pulls tried, the first that grows and the one before it."""
    low = start
    for part in range(PARTS * DOUBLINGS):
        # never at a power of two, where differences may be swapped, with a factor of exactly one
        high = start * 2.0 ** ((part + 0.5) / PARTS)
        if grows(high):
            return low, high
        low = high
    return low, float("inf")


def _reach(iteration: Network) -> float:
    """Return the most that one number may count in what is added to another in a step."""
    most = 0.0
    for chances in iteration.chances > 0.0:
        moves = (iteration.gain * chances[iteration.owner]) @ iteration.differences
        most = max(most, float(np.abs(moves).max()))
    return most


def _growth(iteration: Network) -> float:
    """Return by what the differences, or their second moments, are multiplied in a period at most."""
    size, steps = iteration.size, range(iteration.period)
    if size == 1:
        return 0.0
    if iteration.met is None and np.isin(iteration.chances, (0.0, 1.0)).all():
        matrix = np.eye(size)
        for step in steps:
            matrix = iteration.mean_matrix(0.0, step) @ matrix
        return float(np.abs(np.linalg.eigvals(matrix[1:, 1:] - matrix[0, 1:])).max())
    whole = np.zeros((size, size))

    def moved(flat: Any) -> Any:
        whole[1:, 1:] = flat.reshape(size - 1, size - 1)
        moment = whole
        for step in steps:
            moment = iteration.second_moment(moment, 0.0, step)
        apart = moment[1:, 1:] - moment[:1, 1:] - moment[1:, :1] + moment[0, 0]
        return apart.ravel()

    if size == 2:
        return float(moved(np.ones(1))[0])
    numbers = (size - 1) ** 2
    growth = scipy.sparse.linalg.LinearOperator((numbers, numbers), matvec=moved, dtype=np.float64)
    found = scipy.sparse.linalg.eigs(
        growth, k=1, v0=np.eye(size - 1).ravel(), return_eigenvectors=False, tol=1e-10
    )
    return float(np.abs(found).max())
