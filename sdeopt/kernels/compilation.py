"""How kernel functions are compiled: the options, once for the whole package.

* no ``fastmath``. Every operation is IEEE and fused multiply-adds are written out
  (`sdeopt.kernels.intrinsics.fma`), so a number does not depend on where in a vector, a block or a
  thread it was computed, and a NaN stays a NaN.
* ``error_model="numpy"``: Python's division checks keep a loop from vectorizing.
* ``nogil``: threads run blocks of replicas in parallel.
* no disk cache. numba notices a change in the file of a cached function, not in the files of the
  functions it calls; only generated modules are cached, under a name that hashes all of them
  (`sdeopt.kernels.modules`).
"""

from collections.abc import Callable
from typing import TypeVar

import numba
import numpy as np
from numba.core.errors import NumbaError
from numba.extending import register_jitable

from sdeopt.errors import InvalidArgumentError

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function that kernels call."""
    # the defaults, but stated: otherwise numba takes them from the calling function
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=True, forceinline=False, no_cfunc_wrapper=True
    )(function)
    return result


def compiled_inline(function: Function) -> Function:
    """Compile a function that is inlined into the functions that call it.

    It counts no references to its arrays. A count is an atomic operation: those of a step cost as much
    as a twentieth of its lanes, and threads that share an array would wait for each other. Only for
    functions that allocate nothing, which the compiler checks, and return no array. Python cannot
    call it.
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=False, forceinline=True, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def compiled_into_loops(function: Function) -> Function:
    """Compile a function like `compiled`, but always inlined, so that loops over it vectorize.

    For functions of single numbers that are longer than what the compiler inlines by itself.
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=True, forceinline=True, no_cfunc_wrapper=True
    )(function)
    return result


def compiled_separately(function: Function) -> Function:
    """Compile a function like `compiled_inline`, but never inlined.

    For long loops with many constants, which take all registers, and for functions that are called in
    many places. The function must call `sdeopt.kernels.intrinsics.never_inline`.
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=False, forceinline=False, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def called_by_address(function: Function) -> Function:
    """Compile a function that a driver calls by its address (`sdeopt.kernels.addresses`).

    Nothing else calls it. What a module generates has this decorator with the cache on disk.
    """
    result: Function = numba.njit(
        error_model="numpy", nogil=True, _nrt=True, forceinline=False, no_cfunc_wrapper=True,
        no_cpython_wrapper=True,
    )(function)  # fmt: skip
    return result


def of_one_number(function: Function) -> Function:
    """Let a compiled function say in one sentence that Python called it with something else."""
    compile_for: Callable[..., object] = function._compile_for_args  # type: ignore[attr-defined]

    def compile_or_refuse(*arguments: object, **named: object) -> object:
        given = (*arguments, *named.values())
        try:
            # of some other types something else would be computed, as of a complex number
            if all(isinstance(one, int | float | np.integer | np.floating) for one in given):
                return compile_for(*arguments, **named)
        except (NumbaError, OverflowError):
            pass
        name = f"sdeopt.math.{function.__name__}"
        shape = getattr(given[0], "shape", None)
        shown = f"{given[0]!r:.60}" if shape is None else f"an array of shape {shape}"
        raise InvalidArgumentError(
            f"{name} is given {shown}, but takes one real number: call it for each, as in "
            f"[{name}(one) for one in x], or use numpy's functions."
        )

    function._compile_for_args = compile_or_refuse  # type: ignore[attr-defined]
    return function


def compiled_in_kernels(function: Function) -> Function:
    """Compile a function for kernels that call it; called from Python it stays Python."""
    result: Function = register_jitable(error_model="numpy", _nrt=True, forceinline=False)(function)
    return result
