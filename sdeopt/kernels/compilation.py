"""How every kernel function is compiled.

The options are one decision for the whole package, made here:

* no ``fastmath`` at all. Every operation is IEEE, fused multiply-adds are written out
  (`sdeopt.kernels.intrinsics.fma`), so a number does not depend on where in a vector, a block or a
  thread it was computed, and a NaN stays visible.
* ``error_model="numpy"``: Python's division checks keep a loop from vectorizing.
* ``nogil``: threads run blocks of replicas side by side.
* no disk cache on the pieces. numba notices a change in the file of a cached function, not in the
  files of the functions it calls; only generated modules are cached, under a name that hashes
  all of them (`sdeopt.kernels.modules`).
"""

from collections.abc import Callable
from typing import TypeVar

import numba

__all__ = ["compiled"]

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function that kernels call.

    Parameters
    ----------
    function : callable
        Written in the subset of Python that numba compiles.

    Returns
    -------
    callable
        The compiled function. Called from Python it runs too, for tests.

    Examples
    --------
    >>> from sdeopt.kernels.compilation import compiled
    >>> @compiled
    ... def double(x):
    ...     return 2.0 * x
    >>> double(1.5)
    3.0
    """
    result: Function = numba.njit(error_model="numpy", nogil=True)(function)
    return result
