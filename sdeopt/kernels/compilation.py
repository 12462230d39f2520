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

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function that kernels call."""
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
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=False, forceinline=False, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def compiled_in_kernels(function: Function) -> Function:
    """Compile a function where a kernel calls it, and leave it to Python where Python does."""
    result: Function = register_jitable(error_model="numpy", _nrt=True, forceinline=False)(function)
    return result
