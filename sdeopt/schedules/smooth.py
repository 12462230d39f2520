"""Schedules that change at every step."""

from dataclasses import dataclass

import numpy as np

from sdeopt.schedules.schedule import Array, Schedule


@dataclass(frozen=True)
class PowerDecay(Schedule):
    """initial / (1 + t)^exponent.

    Parameters
    ----------
    initial : float
        The value at t = 0.
    exponent : float
        How fast it decays.

    Notes
    -----
    The decay of added gradient noise in the large-batch literature has exponent 0.55.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import PowerDecay
    >>> PowerDecay(1.0, exponent=0.5)(np.array([0.0, 3.0]))
    array([1. , 0.5])
    """

    initial: float
    exponent: float

    def __post_init__(self) -> None:
        self._check()

    def __call__(self, times: Array) -> Array:
        """Return initial / (1 + t)^exponent."""
        return self.initial * (1.0 + times) ** -self.exponent


@dataclass(frozen=True)
class Ramp(Schedule):
    """A straight line from one value to another, then constant.

    Parameters
    ----------
    start, end : float
        The values at t = 0 and from t = `over` on.
    over : float
        How long the ramp takes, in iterations (in time, on the SDE clock).

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Ramp
    >>> Ramp(0, 8, over=2)(np.arange(4.0))
    array([0., 4., 8., 8.])
    """

    start: float
    end: float
    over: float

    def __post_init__(self) -> None:
        self._check(over=0)

    def __call__(self, times: Array) -> Array:
        """Return the point reached on the line."""
        reached = np.clip(times / self.over, 0.0, 1.0)
        return (1.0 - reached) * self.start + reached * self.end


@dataclass(frozen=True)
class Relaxation(Schedule):
    """An exponential approach: final + (initial − final) e^(−t/time).

    Parameters
    ----------
    initial, final : float
        The values at t = 0 and in the limit.
    time : float
        The relaxation time, in iterations (in time, on the SDE clock).

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Relaxation
    >>> Relaxation(3, 1, time=10)(np.array([0.0, 1000.0]))
    array([3., 1.])
    """

    initial: float
    final: float
    time: float

    def __post_init__(self) -> None:
        self._check(time=0)

    def __call__(self, times: Array) -> Array:
        """Return the relaxed value."""
        return self.final + (self.initial - self.final) * np.exp(-times / self.time)
