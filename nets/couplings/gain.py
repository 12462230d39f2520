"""The coupling gain k as a function of the step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import torch

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Schedule, as_schedule
from sdeopt.schedules.schedule import Array, Constant


@dataclass(frozen=True, eq=False)
class FunctionOfStep(Schedule):
    """A user's function of the step number."""

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
    """Return a schedule of the step number; a number becomes a constant one."""
    if callable(value) and not isinstance(value, Schedule):
        return FunctionOfStep(value)
    schedule = as_schedule(value, "coupling")
    if type(schedule) is Constant:
        finite_number(schedule.value, "coupling", 0)
    return schedule


def gain_at(schedule: Schedule, step: int) -> float:
    """Return k at one step."""
    if type(schedule) is Constant:  # no array for one number
        return float(schedule.value)
    return finite_number(schedule(np.array([float(step)])), f"coupling at step {step}", 0)


def check_elastic(gain: float, rates: torch.Tensor, step: int) -> None:
    """Refuse a gain from which agents and the quorum variable of EASGD drive each other apart.

    In a flat loss the distances x^i − x~ are multiplied by I − kM with M = diag(η_i) + η̄ 11ᵀ, of
    which no eigenvalue may reach −1: k must stay below 2 over the largest eigenvalue of M, which is
    (p + 1)η for agents of one rate. Where the loss is curved, less is stable.
    """
    border = _elastic_border(tuple(rates.tolist()))
    # an eigenvalue is rounded, and the border itself is unstable
    if gain >= border * (1.0 - 1e-12):
        raise _diverges("EASGD", gain, border, rates, step)


def check_flat(gain: float, border: float, rates: torch.Tensor, step: int, who: str) -> None:
    """Refuse a gain from a border on that `theory.moments.flat_border` found, to seven digits."""
    if gain >= border * (1.0 - 1e-6):
        raise _diverges(f"this {who}", gain, border, rates, step)


def _diverges(
    who: str, gain: float, border: float, rates: torch.Tensor, step: int
) -> InvalidArgumentError:
    alike = bool((rates == rates[0]).all())
    where = f"the learning rate {float(rates[0]):g}" if alike else "these learning rates"
    return InvalidArgumentError(
        f"the coupling is {gain:g} at step {step}, where {who} with {len(rates)} agents and "
        f"{where} diverges from {border:g} on; lower the coupling or the learning rates."
    )


@lru_cache(maxsize=8)
def _elastic_border(rates: tuple[float, ...]) -> float:
    own = torch.tensor(rates, dtype=torch.float64)
    largest = float(torch.linalg.eigvalsh(torch.diag(own) + own.mean())[-1])
    # where no rate is above 0, as before a warmup, nothing moves
    return 2.0 / largest if largest else math.inf


def check_fraction(gain: float, rates: torch.Tensor, step: int) -> None:
    """Refuse a gain by which agents would overshoot their quorum further each time."""
    rate = float(rates.max())
    if gain * rate >= 2.0:
        raise InvalidArgumentError(
            f"the coupling is {gain:g} at step {step}, where the learning rate {rate:g} allows less "
            f"than {2.0 / rate:g}: from 2/η on agents overshoot their quorum further each time; "
            "lower the coupling."
        )
