"""Gaussian noise whose size and direction depend on the state: B(x) dW."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdeopt.arguments import one_of
from sdeopt.noise.law import NoiseLaw
from sdeopt.user_functions.function import UserFunction

DIAGONAL = """

@compiled
def diffusion_diagonal(x, parameters, noise):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        scale = {user}(point)
        for d in range(x.shape[0]):
            noise[d, lane] *= scale[d]
"""

FULL = """
from sdeopt.kernels.passes import matrix_times_noise


@compiled
def diffusion_matrix(x, parameters, column, matrix, noise):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        matrix_times_noise({user}(point), noise, lane, column)
"""

KERNELS = {"diagonal": DIAGONAL, "full": FULL}


@dataclass(frozen=True, eq=False)
class StateDependent(NoiseLaw):
    """ζ = B(x) ξ with ξ standard normal, so that Cov ζ = B(x)B(x)ᵀ = Σ(x).

    Parameters
    ----------
    diffusion : callable
        ``B(x)`` with x of shape (dim,): returns the diagonal, shape (dim,), or the matrix, shape
        (dim, dim). It is compiled.
    kind : {"diagonal", "full"}
        Which of the two.

    Notes
    -----
    The B(x) of Boffi & Slotine (2020), eqs. (1)-(2). On the SDE clock the increments are Itô's.

    Examples
    --------
    >>> import numpy as np
    >>> import sdeopt as so
    >>> law = so.noise.StateDependent(lambda x: 0.1 + np.abs(x))
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), noise=law, steps=20, step_size=0.1,
    ...                   start=so.start.Point(1.0))
    >>> bool(np.isfinite(run["agents"].item()))
    True
    """

    diffusion: Callable[..., Any]
    kind: str = "diagonal"

    variates = ("sdeopt.kernels.variates", "gaussian_pair")
    gaussian = True
    state_dependent = True

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(self.kind, "kind of diffusion called", KERNELS)
        role = "the diffusion of noise.StateDependent"
        wrapped = UserFunction.of(self.diffusion, role, KERNELS[self.kind])
        object.__setattr__(self, "diffusion", wrapped)

    def functions(self) -> dict[str, tuple[str, str]]:
        """Add the compiled B(x)."""
        name = "diffusion_diagonal" if self.kind == "diagonal" else "diffusion_matrix"
        return super().functions() | {name: (self._wrapped().module, name)}

    def switches(self) -> set[str]:
        """Turn on the factor B(x)."""
        return super().switches() | {"DIAGONAL" if self.kind == "diagonal" else "MATRIX"}

    def check(self, dim: int) -> None:
        """Refuse a B(x) of another shape."""
        shape = (dim,) if self.kind == "diagonal" else (dim, dim)
        self._wrapped().check((np.full(dim, 0.5),), shape)

    def _wrapped(self) -> UserFunction:
        assert isinstance(self.diffusion, UserFunction)
        return self.diffusion
