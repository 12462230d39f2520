"""Algorithms whose agents go away from their signal: a planted error, as no coupling may be negative."""

from dataclasses import dataclass
from typing import ClassVar

import sdeopt as so
from sdeopt.kernels.compilation import compiled


@compiled
def away(x, v, u, gradient, signal, velocity_signal, coupling, scheduled):
    """Return the drift of QSGD with the coupling of the wrong sign."""
    return coupling * (x - signal) - gradient, 0.0, 0.0


@dataclass(frozen=True)
class RepellingQSGD(so.QSGD):
    """QSGD with −k."""

    rules: ClassVar = {"drift": (__name__, "away")}


@dataclass(frozen=True, eq=False)
class RepellingQuorum(so.ArbitraryQuorum):
    """Agents with −k to a quorum variable of any dynamics."""

    rules: ClassVar = {"drift": (__name__, "away")}
