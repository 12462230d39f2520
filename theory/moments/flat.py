"""From which coupling on agents drive each other apart where the loss is flat, hence on any loss."""

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
        k, to seven digits, with a rare participation q to the share 1e-9/q of it; infinite where no
        coupling drives them apart.

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

    def grows(pull: float) -> bool:
        return _growth(network(coupling=pull, step_size=steps / largest, **who)) > 1.0 + ROUNDED

    # up to here agents move to a convex combination of what they know, or half of the way beyond
    low, high = 0.0, 1.0
    for _ in range(DOUBLINGS):
        if grows(high):
            break
        low, high = high, 2.0 * high
    else:
        return float("inf")
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
