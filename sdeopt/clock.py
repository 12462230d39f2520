"""The two clocks of a run: what a step means.

Stochastic gradient descent is an iteration; the theory models it by a stochastic differential
equation (Boffi & Slotine 2020, Sec. 2). They share the symbols, not the meaning of a step:

========== ====================================== ===========================================
clock      one step                               noise of a step
========== ====================================== ===========================================
Iteration  one update with learning rate η        (η/√b) ζ, with the law of ζ as given
SDE        time dt, any number of them per η      √(η/b) B ΔW, with ΔW ~ N(0, dt I)
========== ====================================== ===========================================

An update with learning rate η stands for the time η of the gradient flow. For Gaussian ζ with
covariance BBᵀ the two clocks agree in law at dt = η under Euler-Maruyama.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number, one_of
from sdeopt.configuration import Configured

__all__ = ["SCHEMES", "SDE", "Clock", "Iteration"]

SCHEMES = ("euler_maruyama", "strong_order_1.5")
"""How the SDE clock takes a step."""


class Clock(Configured, ABC):
    """What a step means."""

    @abstractmethod
    def times(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the argument of the schedules at given steps.

        Parameters
        ----------
        steps : numpy.ndarray
            Numbers of completed steps.

        Returns
        -------
        numpy.ndarray
            float64 of the same shape.
        """


@dataclass(frozen=True)
class Iteration(Clock):
    """The discrete iteration x ← x − η∇f(x) − (η/√b) ζ, Sec. 2 of Boffi & Slotine (2020).

    `step_size` is the learning rate η, and schedules are functions of the iteration number.
    Any law of ζ keeps its shape: the noise of a step is not made Gaussian.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.clock import Iteration
    >>> Iteration().times(np.array([0, 10]))
    array([ 0., 10.])
    """

    def times(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the iteration number."""
        return np.asarray(steps, dtype=np.float64)


@dataclass(frozen=True)
class SDE(Clock):
    """The SDE dx = −∇f(x) dt + √(η/b) B(x) dW, eq. (2) of Boffi & Slotine (2020).

    `step_size` is still the learning rate η: it sets the strength of the noise, and schedules
    are functions of time. How finely time is cut is `dt`, usually at most η.

    Parameters
    ----------
    dt : float
        The time step, above 0.
    scheme : {"euler_maruyama", "strong_order_1.5"}
        Euler-Maruyama, of strong order 1 for additive noise and weak order 1; or a stochastic
        Runge-Kutta scheme of strong order 1.5 for additive noise, the reference.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.clock import SDE
    >>> SDE(dt=0.25).times(np.array([0, 10]))
    array([0. , 2.5])
    >>> SDE(dt=0.25, scheme="euler")
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: there is no scheme 'euler'; did you mean 'euler_maruyama'? \
Known: euler_maruyama, strong_order_1.5.
    """

    dt: float
    scheme: str = "euler_maruyama"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dt", finite_number(self.dt, "dt of clock.SDE", 0, open_end=True))
        one_of(self.scheme, "scheme", SCHEMES)

    def times(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the time n·dt."""
        return np.asarray(steps, dtype=np.float64) * self.dt
