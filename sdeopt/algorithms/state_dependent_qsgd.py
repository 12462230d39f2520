"""QSGD whose agents each broadcast with a gain that depends on their state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sdeopt.algorithms.algorithm import Coupled, Function
from sdeopt.algorithms.easgd import QUORUM
from sdeopt.user_functions.function import UserFunction

KERNEL = """

@compiled
def weights(x, time, since_epoch, champion, coupling, scheduled, out):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        out[lane] = coupling * {user}(point, time)
"""


@dataclass(frozen=True, eq=False)
class StateDependentQSGD(Coupled):
    """dx^i = (−∇f(x^i) + (1/p) Σ_j k_j(x^j, t) (x^j − x^i)) dt + √(η/b) B dW^i.

    The quorum variable is the weighted mean Σ k_j x^j / Σ k_j, and every agent is pulled towards it
    with the mean gain (1/p) Σ k_j.

    Parameters
    ----------
    coupling : float or Schedule
        k, a common factor of all gains, in 1/time.
    gain : callable
        ``gain(x, t)`` with x of shape (dim,) returns a number; k_j = coupling · gain(x^j, t).
        t is the iteration number, or the time on the SDE clock. It is compiled.

    Notes
    -----
    Boffi & Slotine (2020), Lemma 5.4, eqs. (55)-(57).

    Examples
    --------
    >>> import sdeopt as so
    >>> heavier_when_low = so.StateDependentQSGD(2.0, lambda x, t: 1.0 / (1.0 + x[0] ** 2))
    >>> run = so.simulate(so.losses.Quadratic(1.0), heavier_when_low, agents=4, steps=200,
    ...                   step_size=0.05, start=so.start.Uniform(-3, 3), seed=1)
    >>> bool(abs(run["quorum"].item()) < 1e-3)
    True
    """

    gain: Callable[..., Any]

    replica_vectors: ClassVar = {"quorum": QUORUM}
    signal = "quorum"
    rules: ClassVar = {"drift": ("sdeopt.algorithms.qsgd", "drift")}

    def __post_init__(self) -> None:
        super().__post_init__()
        wrapped = UserFunction.of(self.gain, "the gain of StateDependentQSGD", KERNEL)
        object.__setattr__(self, "gain", wrapped)

    def check(self, dim: int) -> None:
        """Refuse a gain that does not give a number for a point of this dimension."""
        self._wrapped().check((np.full(dim, 0.5), 0.0), ())

    def functions(self) -> dict[str, Function]:
        """Add the compiled gain."""
        return super().functions() | {"weights": (self._wrapped().module, "weights")}

    def _wrapped(self) -> UserFunction:
        assert isinstance(self.gain, UserFunction)
        return self.gain
