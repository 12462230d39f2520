"""Algorithms of one's own: each is a rule for one coordinate of one agent, and a class that names it.

A rule receives numbers and may use any arithmetic: comparisons, ``a if b else c``, abs, min, max and the
functions of `sdeopt.math`. ``step`` is one iteration. It takes, by name, what it needs: the position x
of an agent and the vectors that the class declares, the gradient, the noise of the step, the signal that
agents are pulled towards, the scheduled numbers; it returns the new x and the new vectors, in order.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import sdeopt as so
from sdeopt import math
from sdeopt.algorithms import Coupled, StateVector

Scheduled = tuple[float, float, float]

GRADIENT = "loss / parameter units"


def clipped(
    x: float, gradient: float, increment: float, signal: float, step_size: float, coupling: float,
    scheduled: Scheduled,
) -> float:  # fmt: skip
    """Move along the gradient, each coordinate of it at most as long as a threshold."""
    threshold = scheduled[0]
    bounded = min(max(gradient, -threshold), threshold)
    return x - step_size * (bounded - coupling * (signal - x)) + increment


def signs(
    x: float, gradient: float, increment: float, signal: float, step_size: float, coupling: float,
) -> float:  # fmt: skip
    """Move along the sign of the noisy gradient."""
    noisy = step_size * gradient - increment
    direction = 1.0 if noisy > 0.0 else (-1.0 if noisy < 0.0 else 0.0)
    return x - step_size * (direction - coupling * (signal - x))


def adam(
    x: float, m: float, s: float, gradient: float, increment: float, signal: float,
    step_size: float, coupling: float, scheduled: Scheduled,
) -> tuple[float, float, float]:  # fmt: skip
    """Divide the mean gradient m by the root of its mean square s."""
    first, second, floor = scheduled[0], scheduled[1], scheduled[2]
    noisy = gradient - increment / step_size
    new_m = first * m + (1.0 - first) * noisy
    new_s = second * s + (1.0 - second) * noisy * noisy
    moved = new_m / (math.sqrt(new_s) + floor)
    return x - step_size * (moved - coupling * (signal - x)), new_m, new_s


def lookahead(
    x: float, slow: float, gradient: float, increment: float, signal: float, step_size: float,
    coupling: float, scheduled: Scheduled,
) -> tuple[float, float]:  # fmt: skip
    """Move fast weights x; slow weights follow, and x returns to them, where the share is not 0."""
    share = scheduled[0]
    fast = x - step_size * (gradient - coupling * (signal - x)) + increment
    new = slow + share * (fast - slow)
    return (new if share > 0.0 else fast), new


@dataclass(frozen=True)
class Clipped(Coupled):
    """QSGD with clipped gradients."""

    threshold: float = 1.0

    rules: ClassVar = {"step": (__name__, "clipped")}
    clocks = ("Iteration",)

    def schedules(self, agents: int) -> dict[str, so.schedules.Schedule]:
        """Return k and the threshold."""
        return super().schedules(agents) | {"threshold": so.schedules.Constant(self.threshold)}


@dataclass(frozen=True)
class Signs(Coupled):
    """Sign descent with coupling (Bernstein et al. 2018)."""

    rules: ClassVar = {"step": (__name__, "signs")}
    clocks = ("Iteration",)


@dataclass(frozen=True)
class CoupledAdam(Coupled):
    """Adam's form without its correction of the first steps (Kingma & Ba 2015), with coupling."""

    first: float = 0.9
    second: float = 0.999
    floor: float = 1e-8

    agent_vectors: ClassVar = {
        "m": StateVector("mean_gradients", "running mean of gradients", units=GRADIENT),
        "s": StateVector("mean_squares", "running mean of their squares", units=f"({GRADIENT})^2"),
    }
    rules: ClassVar = {"step": (__name__, "adam")}
    clocks = ("Iteration",)

    def schedules(self, agents: int) -> dict[str, so.schedules.Schedule]:
        """Return k, both rates and the floor."""
        numbers = {"first": self.first, "second": self.second, "floor": self.floor}
        return super().schedules(agents) | {
            name: so.schedules.Constant(number) for name, number in numbers.items()
        }


@dataclass(frozen=True)
class EverySo(so.schedules.Schedule):
    """A share in the last of every `steps` iterations, 0 in all others."""

    steps: float
    share: float

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """Return the share or 0."""
        return np.asarray(np.where((times + 1.0) % self.steps == 0.0, self.share, 0.0))


@dataclass(frozen=True)
class Lookahead(Coupled):
    """Lookahead with coupling (Zhang et al. 2019): fast weights return to slow ones now and then."""

    steps: int = 5
    share: float = 0.5

    agent_vectors: ClassVar = {"slow": StateVector("slow_weights", "slow weights", "position")}
    rules: ClassVar = {"step": (__name__, "lookahead")}
    clocks = ("Iteration",)

    def schedules(self, agents: int) -> dict[str, so.schedules.Schedule]:
        """Return k and the share."""
        return super().schedules(agents) | {"share": EverySo(self.steps, self.share)}


def saturating(quorum: np.ndarray, mean: np.ndarray, t: float) -> np.ndarray:
    """Return the rate of a quorum variable that follows the mean at a bounded speed (Sec. 6.2)."""
    return np.asarray(np.tanh(3.0 * (mean - quorum)))


SATURATED = so.ArbitraryQuorum(1.0, saturating)
