"""How much of a run is thrown away, by rule: proved rates say when the start is forgotten.

A proof of the form  d/dt E V ≤ −r E V + (what noise adds)  gives  E V(t) ≤ level + e^{−rt} E V(0).
A run is measured from the time on when that last term is below a stated share of the level.
"""

import math

__all__ = ["FORGOTTEN", "forgetting_time"]

FORGOTTEN = 1e-3
"""The share of the level that is left of the start."""


def forgetting_time(start: float, level: float, rate: float, share: float = FORGOTTEN) -> float:
    """Return the time from which a run is measured.

    Parameters
    ----------
    start : float
        E V at the start, or a bound on it.
    level : float
        Where the proof says that E V ends: the bound.
    rate : float
        The proved rate r > 0 of V: 2λ for squared distances in a flow that contracts at rate λ.
    share : float
        Of the level, that may be left of the start.

    Returns
    -------
    float
        t with e^{−rt}·start = share·level; 0 where the start is below that already.

    Examples
    --------
    >>> from sims.comparison.transients import forgetting_time
    >>> round(forgetting_time(start=1.0, level=0.1, rate=2.0), 3)
    4.605
    """
    return max(0.0, math.log(start / (share * level)) / rate)
