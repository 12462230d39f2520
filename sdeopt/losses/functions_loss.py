"""Losses from the user's own Python functions, compiled into the kernel."""

import hashlib
import uuid
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, load_source, memory_module
from sdeopt.losses.arrays import Array
from sdeopt.losses.function_memory import compiled_in_memory
from sdeopt.losses.function_probe import Probe, first_reason, probe_gradient, probe_value
from sdeopt.losses.function_source import NotWritableError
from sdeopt.losses.function_text import Transcript, plain_function
from sdeopt.losses.loss import Loss, LossConstants

__all__ = ["FunctionsLoss", "from_functions"]

ONE_COORDINATE = """

@compiled
def value(x, parameters, out):
    for lane in range(x.shape[1]):
        out[lane] = {value}(x[0, lane])


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        out[0, lane] = {gradient}(x[0, lane])
"""

MANY_COORDINATES = """

@compiled
def value(x, parameters, out):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        out[lane] = {value}(point)


@compiled
def gradient(x, parameters, out):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        slope = {gradient}(point)
        for d in range(x.shape[0]):
            out[d, lane] = slope[d]
"""


def from_functions(
    value: Callable[..., Any],
    gradient: Callable[..., Any],
    dim: int = 1,
    constants: LossConstants | None = None,
) -> "FunctionsLoss":
    """Return the loss given by a value and a gradient function written in Python.

    Both are compiled by numba into the simulation kernel, as fast as a built-in loss. In one
    coordinate, write ``sdeopt.math.sin``, ``cos``, ``exp``, ``log``, ``tanh`` and ``sqrt``:
    these turn into vector instructions. Those of `math` and numpy give the same numbers
    several times slower.

    Parameters
    ----------
    value, gradient : callable
        Functions of one argument, defined by ``def`` or ``lambda`` or compiled by numba already.
        With ``dim == 1`` they take and return a float. Otherwise they take an array of shape
        (dim,); `value` returns a float and `gradient` an array of shape (dim,).
    dim : int
        The number of coordinates.
    constants : LossConstants, optional
        l, L, λ̄ and Q where you know them. They are not checked.

    Returns
    -------
    FunctionsLoss
        The numbers, arrays and functions that the two functions use are copied now: a later
        change to them changes nothing. `sdeopt.losses.gradient_check` tells whether the gradient
        belongs to the value.

    Raises
    ------
    InvalidArgumentError
        If a function raises, returns something of another shape, or cannot be compiled.

    Notes
    -----
    The compiled code is kept on disk. Where the source of a function cannot be found (one made by
    ``exec``, or typed into an interpreter that keeps none), or it uses a value that cannot be
    written down, the loss works all the same but is compiled anew by every process and cannot be
    sent to another one.

    Examples
    --------
    >>> import sdeopt as so
    >>> stiffness = 3.0
    >>> loss = so.losses.from_functions(
    ...     lambda x: stiffness * so.math.log(1.0 + x * x), lambda x: 2 * stiffness * x / (1 + x * x)
    ... )
    >>> loss.gradient([[1.0], [2.0]])
    array([[3. ],
           [2.4]])
    """
    return FunctionsLoss(value, gradient, dim, constants)


class FunctionsLoss(Loss):
    """A loss made by `from_functions`, where its parameters are described.

    Attributes
    ----------
    cached : bool
        Whether the compiled code is kept on disk for other processes.
    """

    name = "FunctionsLoss"

    def __init__(
        self,
        value: Callable[..., Any],
        gradient: Callable[..., Any],
        dim: int = 1,
        constants: LossConstants | None = None,
    ) -> None:
        self.dim = whole_number(dim, "dim", 1)
        self._constants = constants if constants is not None else LossConstants()
        value_function, gradient_function = _plain(value, "value"), _plain(gradient, "gradient")
        values = probe_value(value_function, self.dim)
        gradients = probe_gradient(gradient_function, self.dim)
        kernels = ONE_COORDINATE if self.dim == 1 else MANY_COORDINATES
        self._memory_name = ""
        try:
            transcript = Transcript()
            names = {key: transcript.add(function) for key, function in ()}
            self._text = ""
        except NotWritableError:
            pass
