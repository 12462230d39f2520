"""One function of the user's, made part of a kernel: a gain, a quorum's dynamics, a diffusion B(x).

Such a function works on arrays of shape (dim,), also when dim is 1. For losses there is
`sdeopt.losses.from_functions`.
"""

import hashlib
import sys
import uuid
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import flag, real_array
from sdeopt.errors import InvalidArgumentError
from sdeopt.identity import UNKNOWN, identity_or_reason
from sdeopt.identity.reading import plain_function
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, load_source, memory_module
from sdeopt.user_functions.memory import compiled_in_memory, first_reason, raised
from sdeopt.user_functions.text import IMPORTS, NotWritableError, Transcript

# relative; a compiled sine may differ from Python's in its last digits
AGREEMENT = 1e-6

_AGREES: dict[tuple[object, ...], bool] = {}
"""Whether the compiled function of a module gave what Python gave, by module and shapes."""


class UserFunction:
    """A Python function and the kernel code around it."""

    def __init__(self, function: Callable[..., Any], role: str, kernel: str) -> None:
        plain = plain_function(function)
        if not isinstance(plain, FunctionType):
            raise InvalidArgumentError(
                f"{role} is {function!r:.80}, but must be a function made by def or lambda."
            )
        self._function, self._role, self._kernel = plain, role, kernel
        self._source_is_its_own = True
        self._modules: dict[str, str] = {}

    @classmethod
    def of(
        cls, function: "Callable[..., Any] | UserFunction", role: str, kernel: str
    ) -> "UserFunction":
        """Return the wrapped function; one that is wrapped already is left alone."""
        return function if isinstance(function, UserFunction) else cls(function, role, kernel)

    def configuration(self) -> dict[str, Any]:
        """Return a digest of the function and of what it reads now."""
        return {"name": self._function.__name__, "sha256": self._identity()}

    def __call__(self, *arguments: Any) -> Any:
        """Call the function as Python does."""
        return self._function(*arguments)

    def __getstate__(self) -> dict[str, Any]:
        # The modules exist in this process only; another one makes its own.
        return vars(self) | {"_modules": {}}

    @property
    def module(self) -> str:
        """The name of the module with the kernel functions; in it, the function is ``user``.

        There is another one for all other values that the function reads.
        """
        identity = self._identity()
        if identity not in self._modules:
            self._modules[identity] = self._written() or self._in_memory(identity)
        return self._modules[identity]

    def _identity(self) -> str:
        return identity_or_reason(self._function)

    def _written(self) -> str | None:
        """Return the module of the function's source, or None where that cannot be had."""
        if not self._source_is_its_own:
            return None
        try:
            transcript = Transcript()
            name = transcript.add(self._function)
        except NotWritableError:
            return None
        text = "\n".join([*transcript.lines, f"user = {name}"])
        return load_source(text + self._kernel.format(user=name)).__name__

    def _in_memory(self, identity: str) -> str:
        def fill(module: ModuleType) -> None:
            module.user = compiled_in_memory(self._function)  # type: ignore[attr-defined]

        text = IMPORTS + self._kernel.format(user="user")
        unique = uuid.uuid4().hex if identity.startswith(UNKNOWN) else ""
        digest = hashlib.sha256(f"{identity}{unique}{text}".encode()).hexdigest()
        return memory_module(IN_MEMORY_PREFIX + digest[:24], text, fill).__name__

    def check(
        self, arguments: Sequence[Any], shape: tuple[int, ...], *, truth: bool = False
    ) -> None:
        """Call the function, plainly and compiled, and compare shape and numbers, or truth.

        A file that was edited since its import holds the source of another function; then the one
        that is there is compiled without its source.
        """
        if self._identity().startswith(UNKNOWN):
            self._modules.clear()  # what it reads may have changed
        expected = self._called(arguments, shape, truth)
        if self._agrees(arguments, expected):
            return
        self._source_is_its_own = False
        self._modules.clear()
        if not self._agrees(arguments, expected):
            raise InvalidArgumentError(
                f"{self._role} {self._function.__name__} gives other numbers when it is compiled; "
                "use plain arithmetic and the functions of math, numpy or sdeopt.math."
            )

    def _called(
        self, arguments: Sequence[Any], shape: tuple[int, ...], truth: bool
    ) -> NDArray[np.float64]:
        """Return what the function gives in Python."""
        name = self._function.__name__
        try:
            given = self._function(*arguments)
        except Exception as problem:
            raise InvalidArgumentError(
                f"{self._role} {name} {raised(problem)}, for arguments {tuple(arguments)!r:.120}."
            ) from problem
        if truth:
            given = flag(given, f"what {self._role} {name} returns") * 1.0
        result = real_array(given, f"what {self._role} {name} returns")
        if result.shape != shape:
            wanted = f"an array of shape {shape}" if shape else "one number"
            raise InvalidArgumentError(
                f"{self._role} {name} returns shape {result.shape}, but must return {wanted}."
            )
        return result

    def _agrees(self, arguments: Sequence[Any], expected: NDArray[np.float64]) -> bool:
        """Return whether the compiled function gives the same; it is compiled once for this."""
        key = (self.module, *map(np.shape, arguments))
        if key not in _AGREES:
            try:
                found = vars(sys.modules[self.module])["user"](*arguments)
            except Exception as problem:
                raise InvalidArgumentError(
                    f"{self._role} {self._function.__name__} cannot be compiled: "
                    f"{first_reason(problem)}; use plain arithmetic and the functions of math, "
                    "numpy or sdeopt.math."
                ) from problem
            _AGREES[key] = bool(np.allclose(found, expected, AGREEMENT, equal_nan=True))
        return _AGREES[key]
