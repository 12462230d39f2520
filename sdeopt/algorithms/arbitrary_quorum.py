"""Agents pulled towards a quorum variable with dynamics of the user's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sdeopt.algorithms.algorithm import Coupled, Function
from sdeopt.algorithms.easgd import QUORUM
from sdeopt.user_functions.function import UserFunction

KERNEL = """

@compiled
def replica_vector_drift(vectors, mean, time, out):
    rate = {user}(vectors[0], mean, time)
    for d in range(out.shape[1]):
        out[0, d] = rate[d]
"""


@dataclass(frozen=True, eq=False)
class ArbitraryQuorum(Coupled):
    """dx^i = (−∇f(x^i) + k(x~ − x^i)) dt + √(η/b) B dW^i with dx~ = g(x~, x•, t) dt.

    On the iteration clock x~ ← x~ + η g(x~, x•, t), with the mean of the old positions.
    x~ starts at x•. EASGD is g = kp(x• − x~).

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.
    dynamics : callable
        ``g(quorum, mean, t)`` with both of shape (dim,) returns shape (dim,). t is the iteration
        number, or the time on the SDE clock. It is compiled.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.2 and App. A: synchronization holds for any such signal.

    Examples
    --------
    >>> import sdeopt as so
    >>> slow = so.ArbitraryQuorum(1.0, lambda quorum, mean, t: 0.3 * (mean - quorum))
    >>> run = so.simulate(so.losses.Quadratic(1.0), slow, agents=4, steps=400, step_size=0.05,
    ...                   start=so.start.Point(2.0))
    >>> bool((run["quorum"] > run["mean"]).all())
    True
    """

    dynamics: Callable[..., Any]

    replica_vectors: ClassVar = {"quorum": QUORUM}
    signal = "quorum"
    rules: ClassVar = {"drift": ("sdeopt.algorithms.qsgd", "drift")}

    def __post_init__(self) -> None:
        super().__post_init__()
        wrapped = UserFunction.of(self.dynamics, "the dynamics of ArbitraryQuorum", KERNEL)
        object.__setattr__(self, "dynamics", wrapped)

    def check(self, dim: int) -> None:
        """Refuse dynamics that do not give a vector of this dimension."""
        self._wrapped().check((np.full(dim, 0.5), np.full(dim, 0.25), 0.0), (dim,))

    def functions(self) -> dict[str, Function]:
        """Add the compiled dynamics."""
        module = self._wrapped().module
        return super().functions() | {"replica_vector_drift": (module, "replica_vector_drift")}

    def _wrapped(self) -> UserFunction:
        assert isinstance(self.dynamics, UserFunction)
        return self.dynamics
