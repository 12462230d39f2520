"""The constants that bounds need, each with its origin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_array, finite_number
from sdeopt.errors import InvalidArgumentError, unknown_name
from sims.check.jumps import Jump

GIVEN, EXACT, PROVED = "given", "exact", "proved on the box"
ESTIMATED, UNKNOWN = "estimated", "unknown"
"""The origin of a constant."""

LETTERS = {
    "strong_convexity": "l",
    "smoothness": "L",
    "negative_curvature": "λ̄",
    "gradient_curvature": "Q",
    "noise_bound": "C",
    "minimum": "x*",
}
"""Every constant by its name in `theory.symbols`, with its letter."""

MEANINGS = {
    "strong_convexity": "strong convexity, the least eigenvalue of ∇²f",
    "smoothness": "smoothness, the largest |eigenvalue| of ∇²f",
    "negative_curvature": "the largest eigenvalue of −∇²f, how far f is from convex",
    "gradient_curvature": "the largest norm of the second derivatives of a component of ∇f",
    "noise_bound": "the largest trace of the covariance BBᵀ of an agent's gradient noise",
    "minimum": "the minimizer that distances are measured from",
}
"""What each constant is."""

DISTORTION = (
    "ε = ∇f(x•) − (1/p) Σ ∇f(xⁱ): how far the gradient at the mean is from the mean gradient"
)
"""What Theorem 3.2 bounds."""

ALIASES = {"l": "strong_convexity", "L": "smoothness", "lambdabar": "negative_curvature"} | {
    "Q": "gradient_curvature",
    "C": "noise_bound",
}
"""Letters that may be given in place of names."""

MINIMA = {"strong_convexity": 0.0, "smoothness": 0.0, "gradient_curvature": 0.0, "noise_bound": 0.0}
"""The least value of each constant that has one."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Constant:
    """One constant."""

    name: str
    value: float | tuple[float, ...] | None
    origin: str
    words: str = ""

    @property
    def letter(self) -> str:
        """Its symbol in formulas."""
        return LETTERS[self.name]

    def __str__(self) -> str:
        shown = "?" if self.value is None else _written(self.value)
        words = f": {self.words}" if self.words else ""
        return f"{self.letter} = {shown} ({self.origin}{words})"


class Constants:
    """All constants of a problem."""

    def __init__(self, entries: Iterable[Constant], jump: Jump | None = None) -> None:
        self.jump = jump
        self.entries = {constant.name: constant for constant in entries}

    def value(self, name: str) -> float | None:
        """Return a number, or None where it is not known."""
        found = self.entries[name].value
        return found if isinstance(found, float) else None

    @property
    def minimum(self) -> Array | None:
        """x*, where it is known."""
        found = self.entries["minimum"].value
        return None if found is None else np.atleast_1d(np.asarray(found, np.float64))


def given_constants(given: Mapping[str, object], dim: int) -> dict[str, Constant]:
    """Return the constants that a user states."""
    found: dict[str, Constant] = {}
    for key, value in given.items():
        name = ALIASES.get(key, key)
        if name not in LETTERS:
            raise unknown_name("constant", key, [*LETTERS, *ALIASES])
        if name == "minimum":
            found[name] = Constant(name, _point(value, dim), GIVEN)
        else:
            number = finite_number(value, f"the constant {key}", MINIMA.get(name, -np.inf))
            found[name] = Constant(name, number, GIVEN)
    l, most = (found.get(name) for name in ("strong_convexity", "smoothness"))  # noqa: E741
    if l and most and l.value > most.value:  # type: ignore[operator]
        raise InvalidArgumentError(
            f"the constants are l = {l.value:g} and L = {most.value:g}; l cannot be above L."
        )
    return found


def _point(value: object, dim: int) -> tuple[float, ...]:
    point = finite_array(value, "the constant minimum").reshape(-1)  # type: ignore[arg-type]
    if len(point) != dim:
        raise InvalidArgumentError(
            f"the constant minimum has {len(point)} coordinates, but the loss has {dim}."
        )
    return tuple(point.tolist())


def _written(value: float | tuple[float, ...]) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    shown = ", ".join(f"{entry:.6g}" for entry in value[:4])
    return f"({shown}{', …' if len(value) > 4 else ''})"
