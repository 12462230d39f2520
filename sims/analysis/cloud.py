"""The cloud of agents that QSGD holds around its mean, on a loss that is flat across it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["smoothing_variance", "spread_variance"]


def spread_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> NDArray[np.float64]:
    """Return the stationary variance of an agent around the mean of its replica.

    x^i − x• is multiplied by 1 − ηk in every step and gains the noise η(ζ^i − ζ•), so

        E (x^i − x•)² = (1 − 1/p) η² Var ζ / (ηk(2 − ηk)).

    It is least at k = 1/η, where it is the noise of one step.

    Parameters
    ----------
    coupling, step_size, agents, noise_variance : array_like
        k with 0 < ηk < 2, η, p and Var ζ (divided by b for minibatches); they broadcast.

    Returns
    -------
    numpy.ndarray
        The variance of one coordinate.

    Examples
    --------
    >>> from sims.analysis.cloud import spread_variance
    >>> spread_variance(coupling=[5.0, 20.0], step_size=0.05, agents=4, noise_variance=27.0).round(4)
    array([0.1157, 0.0506])
    """
    pulled = np.asarray(step_size) * np.asarray(coupling)
    one_step = np.asarray(step_size) ** 2 * np.asarray(noise_variance)
    variance: NDArray[np.float64] = np.asarray(
        (1.0 - 1.0 / np.asarray(agents)) * one_step / (pulled * (2.0 - pulled))
    )
    return variance


def smoothing_variance(
    coupling: ArrayLike, step_size: ArrayLike, agents: ArrayLike, noise_variance: ArrayLike
) -> NDArray[np.float64]:
    """Return the variance of an agent around y, the mean before the noise of its last step.

    The average gradient of the agents, given y, is the gradient of the loss convolved with a law of
    this variance: the noise of the mean, η² Var ζ / p, and the spread of the agents around it. It is
    never less than η² Var ζ, the smoothing of a single agent.

    Parameters
    ----------
    coupling, step_size, agents, noise_variance : array_like
        As for `spread_variance`.

    Returns
    -------
    numpy.ndarray
        The variance of one coordinate.

    Examples
    --------
    >>> from sims.analysis.cloud import smoothing_variance
    >>> smoothing_variance(coupling=20.0, step_size=0.05, agents=[1, 4, 100], noise_variance=27.0)
    array([0.0675, 0.0675, 0.0675])
    """
    of_mean = np.asarray(step_size) ** 2 * np.asarray(noise_variance) / np.asarray(agents)
    total: NDArray[np.float64] = of_mean + spread_variance(
        coupling, step_size, agents, noise_variance
    )
    return total
