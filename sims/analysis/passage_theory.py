"""The mean first-passage time of one diffusing coordinate, by its exact double integral."""

import numpy as np
from scipy.integrate import cumulative_simpson

from sdeopt.losses.loss import Loss

__all__ = ["mean_passage_time"]

GRID = 4001
"""Points of the integration; enough for ripples 40 times finer than the interval."""


def mean_passage_time(
    potential: Loss, temperature: float, start: float, goal: float, wall: float = -3.0
) -> float:
    """Return the mean time that dx = −U′(x) dt + √(2D) dW takes from a start up to a goal.

    Parameters
    ----------
    potential : Loss
        U, in one dimension.
    temperature : float
        D > 0.
    start, goal, wall : float
        ``wall < start < goal``; the wall, which reflects, should be so high up that it plays no
        part.

    Returns
    -------
    float
        (1/D) ∫_start^goal e^{U(y)/D} ∫_wall^y e^{−U(z)/D} dz dy, whose limit for D → 0 is the rate of
        Eyring and Kramers.

    Notes
    -----
    Gardiner (2009), Stochastic Methods, Sec. 5.5.

    Examples
    --------
    Free diffusion over a distance of 1 from a reflecting wall takes 1/(2D):

    >>> import sdeopt as so
    >>> from sims.analysis.passage_theory import mean_passage_time
    >>> flat = so.losses.Quadratic(1e-12)
    >>> round(mean_passage_time(flat, temperature=0.25, start=0.0, goal=1.0, wall=0.0), 6)
    2.0
    """
    x = np.linspace(wall, goal, GRID)
    energy = potential.value(x[:, None]) / temperature
    energy -= energy.min()
    below = cumulative_simpson(np.exp(-energy), x=x, initial=0.0)
    integrand = np.exp(energy) * below
    upper = cumulative_simpson(integrand, x=x, initial=0.0)
    from_start = upper[-1] - np.interp(start, x, upper)
    return float(from_start / temperature)
