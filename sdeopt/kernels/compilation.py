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
from numba.extending import register_jitable

__all__ = ["compiled", "compiled_apart", "compiled_in_kernels", "compiled_inline"]

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
    # said although they are the defaults: otherwise they would be as in the function that calls it
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=True, forceinline=False, no_cfunc_wrapper=True
    )(function)
    return result


def compiled_inline(function: Function) -> Function:
    """Compile a function that becomes a part of the functions that call it.

    It works in arrays it is given, without counting references to them. A count is an atomic
    operation: those of a step cost as much as a twentieth of its lanes, and threads that share an
    array would wait for each other. Only for functions that allocate nothing, which the compiler
    checks, and return no array. Python cannot call it.

    Parameters
    ----------
    function : callable
        As for `compiled`.

    Returns
    -------
    callable
        The compiled function.

    Examples
    --------
    >>> from sdeopt.kernels.compilation import compiled, compiled_inline
    >>> @compiled_inline
    ... def double(x):
    ...     return 2.0 * x
    >>> @compiled
    ... def quadruple(x):
    ...     return double(double(x))
    >>> quadruple(1.5)
    6.0
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=False, forceinline=True, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def compiled_apart(function: Function) -> Function:
    """Compile a function like `compiled_inline`, but one that stays by itself.

    For long loops with many constants, which want all registers, and for what is called from many
    places. The function must call `sdeopt.kernels.intrinsics.stay_apart`.

    Parameters
    ----------
    function : callable
        As for `compiled`.

    Returns
    -------
    callable
        The compiled function.
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=False, forceinline=False, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def compiled_in_kernels(function: Function) -> Function:
    """Compile a function where a kernel calls it, and leave it to Python where Python does.

    Parameters
    ----------
    function : callable
        Written in the subset of Python that numba compiles.

    Returns
    -------
    callable
        The function itself.

    Examples
    --------
    >>> from sdeopt.kernels.compilation import compiled, compiled_in_kernels
    >>> @compiled_in_kernels
    ... def double(x):
    ...     return 2.0 * x
    >>> @compiled
    ... def quadruple(x):
    ...     return double(double(x))
    >>> double(1.5), quadruple(1.5)
    (3.0, 6.0)
    """
    result: Function = register_jitable(error_model="numpy", _nrt=True, forceinline=False)(function)
    return result
