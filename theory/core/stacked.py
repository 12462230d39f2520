"""Several families of vectors in one equation, e.g. positions and velocities."""

import dataclasses
from typing import Any

import sympy

from theory.core.moments import Diffusion

__all__ = ["Stacked", "noiseless"]


def noiseless(i: Any, a: Any, c: Any) -> Any:
    """Return the covariance of a family without noise."""
    return sympy.S.Zero


@dataclasses.dataclass(frozen=True)
class Stacked:
    """A stochastic differential equation of several families, with independent noise.

    Parameters
    ----------
    parts : tuple of Diffusion
        The families; the drift of each may depend on all.

    Examples
    --------
    >>> import sympy
    >>> i, a = sympy.symbols("i a", integer=True)
    >>> x, v = sympy.IndexedBase("x", real=True), sympy.IndexedBase("v", real=True)
    >>> noise = lambda i, a, c: sympy.KroneckerDelta(a, c)
    >>> pushed = Stacked(
    ...     (
    ...         Diffusion(x, lambda i, a: v[i, a], noiseless),
    ...         Diffusion(v, lambda i, a: -v[i, a], noise),
    ...     )
    ... )
    >>> pushed.generator(x[1, 1] ** 2)
    2*v[1, 1]*x[1, 1]
    """

    parts: tuple[Diffusion, ...]

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""
        return sympy.Add(*[part.generator(value) for part in self.parts])
