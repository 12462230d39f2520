"""Algorithms whose agents go away from their signal: a planted error, as no coupling may be negative."""

from dataclasses import dataclass
from typing import ClassVar

import sdeopt as so
from sdeopt.kernels.compilation import compiled


@compiled
def away(x, gradient, signal, coupling):
    """Return the drift of QSGD with the coupling of the wrong sign."""
    return coupling * (x - signal) - gradient


@dataclass(frozen=True)
class RepellingQSGD(so.QSGD):
    """QSGD with −k."""

    rules: ClassVar = {"drift": (__name__, "away")}


@dataclass(frozen=True, eq=False)
class RepellingQuorum(so.ArbitraryQuorum):
    """Agents with −k to a quorum variable of any dynamics."""

    rules: ClassVar = {"drift": (__name__, "away")}


@compiled
def away_with_momentum(x, v, gradient, signal, mean_v, coupling, scheduled):
    """Return the drift of coupled momentum with the coupling of the positions of the wrong sign."""
    damping, velocity_coupling = scheduled[0], scheduled[1]
    acceleration = velocity_coupling * (mean_v - v) - damping * v - gradient
    return v + coupling * (x - signal), acceleration


@dataclass(frozen=True)
class RepellingMomentum(so.ContinuousMomentum):
    """QSGD with momentum and −k₁."""

    rules: ClassVar = {"drift": (__name__, "away_with_momentum")}
