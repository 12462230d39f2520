"""Infinitely many coupled agents: where their mean settles.

For p → ∞ the mean feels no noise of its own. While it moves slowly, the agents around it have the law
of a single particle that is tied to it,

    ρ_m(x) ∝ exp(−(f(x) + κ(x − m)²/2) / D),

with the temperature D = ηE[ζ²]/2 of small steps, and the mean moves as ṁ = −∫ f′ρ_m = κ(∫ xρ_m − m).
It rests where it is the mean of its own cloud: the self-consistency of Desai & Zwanzig (1978) for
coupled wells, applied to any loss.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.losses.loss import Loss

__all__ = ["pull", "settled_means"]

Array: TypeAlias = NDArray[np.float64]

POSITIONS = np.linspace(-5.0, 5.0, 801)
"""Where the law of an agent is summed; beyond, the quartic wall leaves nothing."""


def pull(loss: Loss, means: Array, coupling: float, temperature: float) -> Array:
    """Return ∫ xρ_m − m, the direction in which a cloud drags its mean.

    Parameters
    ----------
    loss : Loss
        In one dimension, confining.
    means : numpy.ndarray
        Values of m.
    coupling : float
        κ > 0.
    temperature : float
        D > 0.

    Returns
    -------
    numpy.ndarray
        One for each mean.

    Examples
    --------
    A cloud on x²/2, tied to m with κ, is centred on κm/(1 + κ).

    >>> import numpy as np
    >>> import sdeopt as so
    >>> from sims.analysis.mean_field import pull
    >>> pull(so.losses.Quadratic(1.0), np.array([1.0]), coupling=3.0, temperature=0.1).round(6)
    array([-0.25])
    """
    x = POSITIONS
    energy = loss.value(x[:, None]) + 0.5 * coupling * (x - means[:, None]) ** 2
    weights = np.exp((energy.min(axis=1, keepdims=True) - energy) / temperature)
    dragged: Array = weights @ x / weights.sum(axis=1) - means
    return dragged


def settled_means(
    loss: Loss,
    starts: ArrayLike,
    coupling: float,
    temperature: float,
    low: float = -3.0,
    high: float = 3.0,
) -> Array:
    """Return where the mean of infinitely many agents comes to rest, from each of some starts.

    Parameters
    ----------
    loss : Loss
        In one dimension, confining.
    starts : array_like
        Between `low` and `high`.
    coupling : float
        κ > 0.
    temperature : float
        D > 0.
    low, high : float
        No mean is followed farther than this.

    Returns
    -------
    numpy.ndarray
        For each start the next place, in the direction in which its cloud drags it, where a mean
        rests; interpolated on a grid of 240.

    Examples
    --------
    Too weak, right, and too strong a coupling for a start at 0:

    >>> import sdeopt as so
    >>> from sims.analysis.mean_field import settled_means
    >>> loss = so.losses.RuggedWell.robust()
    >>> [settled_means(loss, 0.0, k, temperature=2 / 3).round(2).item() for k in (0.5, 4.0, 8.0)]
    [0.4, 1.36, 0.02]
    """
    grid = np.linspace(low, high, 241)
    force = pull(loss, grid, coupling, temperature)
    turn = np.flatnonzero(np.signbit(force[1:]) != np.signbit(force[:-1]))
    rests = grid[turn] + (grid[1] - grid[0]) * force[turn] / (force[turn] - force[turn + 1])
    stops = np.concatenate([[low], rests, [high]])
    x = np.asarray(starts, np.float64)
    # A start that rests already is its own next stop on either side.
    above = np.minimum(np.searchsorted(stops, x, side="left"), len(stops) - 1)
    below = np.maximum(np.searchsorted(stops, x, side="right") - 1, 0)
    settled: Array = np.where(np.interp(x, grid, force) > 0, stops[above], stops[below])
    return settled
