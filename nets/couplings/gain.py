"""The coupling gain k as a function of the step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Schedule, as_schedule
from sdeopt.schedules.schedule import Array

__all__ = ["GainLike", "as_gain", "check_fraction", "gain_at"]


@dataclass(frozen=True, eq=False)
class FunctionOfStep(Schedule):
    """A user's function of the step number.

    Parameters
    ----------
    function : callable
        Takes an int, returns a number.
    """

    function: Callable[[int], float]

    def __call__(self, times: Array) -> Array:
        """Call the function once a step."""
        return np.array([float(self.function(int(time))) for time in times])

    def configuration(self) -> dict[str, Any]:
        """Return the name of the function; what it does cannot be written down."""
        return {"name": "FunctionOfStep", "function": name_of(self.function)}


GainLike: TypeAlias = float | Schedule | Callable[[int], float]


def name_of(function: Callable[..., Any]) -> str:
    """Return what a function is called where it was written."""
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def as_gain(value: GainLike) -> Schedule:
    """Return a schedule of the step number; a number becomes a constant one.

    Parameters
    ----------
    value : float, Schedule or callable
        What the user gave; a callable takes the step number.

    Returns
    -------
    Schedule
        The schedule.

    Examples
    --------
    >>> from nets.couplings.gain import as_gain, gain_at
    >>> gain_at(as_gain(lambda step: 0.5 * step), 3)
    1.5
    """
    if callable(value) and not isinstance(value, Schedule):
        return FunctionOfStep(value)
    return as_schedule(value, "coupling")


def gain_at(schedule: Schedule, step: int) -> float:
    """Return k at one step.

    Parameters
    ----------
    schedule : Schedule
        Of the step number.
    step : int
        Which step, from 0.

    Returns
    -------
    float
        A finite number.

    Examples
    --------
    >>> from nets.couplings.gain import gain_at
    >>> from sdeopt.schedules import Ramp
    >>> gain_at(Ramp(0, 8, over=2), 1)
    4.0
    """
    return finite_number(schedule(np.array([float(step)])), f"coupling at step {step}")


def check_fraction(gain: float, rates: torch.Tensor, step: int) -> None:
    """Refuse a gain by which agents would overshoot their quorum further each time.

    Parameters
    ----------
    gain : float
        k.
    rates : torch.Tensor
        η_i of some agents.
    step : int
        Which step, for the message.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings.gain import check_fraction
    >>> check_fraction(30.0, torch.tensor([0.01, 0.1]), step=0)
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: the coupling is 30 at step 0, where the learning rate 0.1 \
allows less than 20: from 2/η on agents overshoot their quorum further each time; lower the coupling.
    """
    rate = float(rates.max())
    if gain * rate >= 2.0:
        raise InvalidArgumentError(
            f"the coupling is {gain:g} at step {step}, where the learning rate {rate:g} allows less "
            f"than {2.0 / rate:g}: from 2/η on agents overshoot their quorum further each time; "
            "lower the coupling."
        )
