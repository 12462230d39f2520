"""Schedules given by a formula: smooth ones, and ones that are constant within a period."""

import math
from dataclasses import dataclass

import numpy as np

from sdeopt.arguments import finite_number, whole_number
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


@dataclass(frozen=True)
class Halving(Schedule):
    """Halved after every period, a limited number of times.

    Parameters
    ----------
    initial : float
        The value of the first period.
    every : float
        Length of a period, in iterations (in time, on the SDE clock).
    times : int, optional
        How often the value is halved at most; by default without end.

    Notes
    -----
    Boffi & Slotine (2020), Fig. 2, halve the step size so; the numbers there are reconstructed.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Halving
    >>> Halving(0.4, every=2, times=2)(np.arange(8.0))
    array([0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1])
    """

    initial: float
    every: float
    times: int | None = None

    def __post_init__(self) -> None:
        initial = finite_number(self.initial, "initial of schedules.Halving")
        every = finite_number(self.every, "every of schedules.Halving", 0, open_end=True)
        object.__setattr__(self, "initial", initial)
        object.__setattr__(self, "every", every)
        if self.times is not None:
            times = whole_number(self.times, "times of schedules.Halving")
            object.__setattr__(self, "times", times)

    def __call__(self, times: Array) -> Array:
        """Return initial / 2^j in period j."""
        most = math.inf if self.times is None else self.times
        return self.initial * np.exp2(-np.minimum(_completed(times, self.every), most))


@dataclass(frozen=True)
class InverseRound(Schedule):
    """Divided by the number of the round: initial / (1 + floor(t / period)).

    Parameters
    ----------
    initial : float
        The value of the first round.
    period : float
        Length of a round, in iterations (in time, on the SDE clock).

    Notes
    -----
    Adilova et al. (2018) let the injected noise decay by "the synchronization round number".

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import InverseRound
    >>> InverseRound(1.0, period=2)(np.arange(6.0)).round(3)
    array([1.   , 1.   , 0.5  , 0.5  , 0.333, 0.333])
    """

    initial: float
    period: float

    def __post_init__(self) -> None:
        self._check(period=0)

    def __call__(self, times: Array) -> Array:
        """Return initial divided by the round, counted from 1."""
        return self.initial / (1.0 + _completed(times, self.period))


def _completed(times: Array, period: float) -> Array:
    """Return the number of completed periods.

    The nudge keeps n·dt, which may fall a rounding error short, on the right side of a jump.
    """
    return np.floor(times / period + 1e-9)
