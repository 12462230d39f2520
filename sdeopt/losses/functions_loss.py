"""Losses from the user's own Python functions, compiled into the kernel."""

import sys
import uuid
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from sdeopt.arguments import Array, whole_number
from sdeopt.display import short_signature
from sdeopt.errors import InvalidArgumentError, SdeoptError
from sdeopt.identity import identity_or_reason
from sdeopt.identity.reading import plain_function
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, load_source, memory_module
from sdeopt.losses.loss import Loss, LossConstants, known_constants
from sdeopt.user_functions.memory import compiled_in_memory, first_reason, raised
from sdeopt.user_functions.text import IMPORTS, NotWritableError, Transcript

Probe = list[tuple[Array, Array]]

Functions = tuple[FunctionType, FunctionType]

# relative; a compiled sine may differ from Python's in its last digits
AGREEMENT = 1e-6

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


@short_signature
def from_functions(
    value: Callable[..., Any],
    gradient: Callable[..., Any],
    dim: int = 1,
    constants: LossConstants | None = None,
) -> "FunctionsLoss":
    """Return the loss given by a value and a gradient function written in Python.

    Both are compiled by numba into the simulation kernel, as fast as a built-in loss. In one
    coordinate, write ``sdeopt.math.sin``, ``exp``, ``log``, ``tanh``, ``erf`` and so on:
    these turn into vector instructions. Those of `math` and numpy give the same numbers
    several times slower. In several coordinates the functions are called point by point with
    arrays; `from_sympy` is faster there.

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
        change to them changes nothing. `sdeopt.losses.gradient_check` checks that the
        gradient belongs to the value.

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
    """A loss made by `from_functions`, where its parameters are described."""

    name = "FunctionsLoss"

    def __init__(
        self,
        value: Callable[..., Any],
        gradient: Callable[..., Any],
        dim: int = 1,
        constants: LossConstants | None = None,
    ) -> None:
        self.dim = whole_number(dim, "dim", 1)
        self._constants = known_constants(constants)
        functions = _plain(value, "value"), _plain(gradient, "gradient")
        expected = probe_value(functions[0], self.dim), probe_gradient(functions[1], self.dim)
        self._fingerprint = identity_or_reason(functions)
        kernels = ONE_COORDINATE if self.dim == 1 else MANY_COORDINATES
        self._text, self._module = "", ""
        try:
            self._text = transcript_of(functions, kernels)
            faithful = self._compiled_agrees(functions, expected)
        except NotWritableError:
            faithful = False
        if not faithful:
            # no source, or not the source of these functions (a file edited since its import)
            self._text, self._module = "", IN_MEMORY_PREFIX + uuid.uuid4().hex
            load_in_memory(self._module, functions, kernels)
            if not self._compiled_agrees(functions, expected):
                raise InvalidArgumentError(
                    f"{functions[0].__name__} and {functions[1].__name__} give other numbers when "
                    "compiled than in Python; they must depend on x alone."
                )

    @property
    def cached(self) -> bool:
        """Whether the compiled code is kept on disk for other processes."""
        return bool(self._text)

    def kernel_module(self) -> str:
        """Return the name of the generated module."""
        if self._text:
            return load_source(self._text).__name__
        if self._module not in sys.modules:
            raise InvalidArgumentError(
                "this FunctionsLoss was compiled in memory, because the source of its functions "
                "was not found, and cannot be used by another process; define them in a file."
            )
        return self._module

    @property
    def parameters(self) -> tuple[Array, ...]:
        """One empty array: the numbers are part of the compiled code."""
        return (np.empty(0),)

    @property
    def constants(self) -> LossConstants:
        """What the user stated."""
        return self._constants

    def configuration(self) -> dict[str, Any]:
        """Return a digest of the two functions and of what they use."""
        return {"name": self.name, "dim": self.dim, "functions": self._fingerprint}

    def _compiled_agrees(self, functions: Functions, expected: tuple[Probe, Probe]) -> bool:
        """Return whether the compiled functions give what the Python ones gave."""
        evaluations = self.value, self.gradient
        for evaluate, function, probe in zip(evaluations, functions, expected, strict=True):
            points = np.array([point for point, _ in probe])
            results = np.array([result for _, result in probe])
            try:
                found = evaluate(points)
            except SdeoptError:
                raise
            except Exception as problem:
                raise InvalidArgumentError(
                    f"the {evaluate.__name__} function {function.__name__} cannot be compiled: "
                    f"{first_reason(problem)}; use plain arithmetic and the functions of math, "
                    "numpy or, fastest, sdeopt.math."
                ) from problem
            if not np.allclose(found.reshape(results.shape), results, AGREEMENT, equal_nan=True):
                return False
        return True


def transcript_of(functions: Functions, kernels: str) -> str:
    """Return the text of a module with copies of the functions and the kernels around them."""
    transcript = Transcript()
    value, gradient = transcript.add(functions[0]), transcript.add(functions[1])
    return "\n".join(transcript.lines) + kernels.format(value=value, gradient=gradient)


def load_in_memory(name: str, functions: Functions, kernels: str) -> None:
    """Make the module of the functions as they are, without a file."""

    def fill(module: ModuleType) -> None:
        module.user_value = compiled_in_memory(functions[0])  # type: ignore[attr-defined]
        module.user_gradient = compiled_in_memory(functions[1])  # type: ignore[attr-defined]

    text = kernels.format(value="user_value", gradient="user_gradient")
    memory_module(name, IMPORTS + text, fill)


def _plain(given: object, role: str) -> FunctionType:
    function = plain_function(given)
    if function is None:
        raise InvalidArgumentError(
            f"{role} is None, but a loss of functions needs both its value and its gradient; "
            "so.losses.from_sympy derives the gradient of a formula."
        )
    if not isinstance(function, FunctionType):
        raise InvalidArgumentError(
            f"{role} is {given!r:.80}, but must be a function made by def or lambda; methods and "
            "other callables cannot be compiled."
        )
    return function


def probe_points(dim: int) -> Array:
    """Return four points, two of them with all coordinates positive."""
    away = np.abs(np.random.default_rng(20).normal(size=(2, dim))) + 0.1
    return np.concatenate([away, -away])


def probe_value(function: FunctionType, dim: int) -> Probe:
    """Return what a value function gives at the points where it does not raise."""
    return _probed(function, "value", dim, ())


def probe_gradient(function: FunctionType, dim: int) -> Probe:
    """Return what a gradient function gives at the points where it does not raise."""
    return _probed(function, "gradient", dim, () if dim == 1 else (dim,))


def _probed(function: FunctionType, role: str, dim: int, shape: tuple[int, ...]) -> Probe:
    results: Probe = []
    failure = ""
    for point in probe_points(dim):
        argument = float(point[0]) if dim == 1 else point.copy()
        try:
            with np.errstate(all="ignore"):
                result = function(argument)
        except Exception as problem:
            receives = "one number" if dim == 1 else f"one array of {dim} numbers"
            failure = (
                f"the {role} function {function.__name__} {raised(problem)}, at x = {argument}; as dim "
                f"is {dim}, it receives {receives} and must return {_wanted(shape)}."
            )
        else:
            results.append((point, _checked(result, function, role, argument, shape)))
    # A function may raise outside its domain, like log does, but not everywhere.
    if not results:
        raise InvalidArgumentError(failure)
    return results


def _checked(
    result: Any, function: FunctionType, role: str, argument: Any, shape: tuple[int, ...]
) -> Array:
    number = isinstance(result, int | float | np.integer | np.floating)
    real = number and not isinstance(result, bool)
    if shape:
        try:
            real = np.shape(result) == shape and np.asarray(result).dtype.kind in "iuf"
        except ValueError:
            real = False
    if not real:
        given = type(result).__name__
        if isinstance(result, np.ndarray | list | tuple):
            given += f" of shape {_shape(result)}"
        raise InvalidArgumentError(
            f"the {role} function {function.__name__} returns a {given} at x = {argument}, but "
            f"must return {_wanted(shape)}."
        )
    return np.asarray(result, dtype=np.float64)


def _shape(result: Any) -> Any:
    try:
        return np.shape(result)
    except ValueError:
        return "ragged"


def _wanted(shape: tuple[int, ...]) -> str:
    return f"real numbers of shape {shape}" if shape else "one real number"
