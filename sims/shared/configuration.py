"""Settings of an experiment that holds a theorem against simulation: names, and what is refused."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.experiments.measured import FEWEST

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ComparisonConfiguration(Configuration):
    """Settings whose names follow one scheme.

    A parameter of the paper has one name: `coupling` (k), `agents` (p), `step_size` (η), `dim` (n),
    `damping` (μ).

    ``coupling``
        Its values where it is varied, a tuple; a number where it never is.
    ``usual_coupling``
        Its value where others are varied.
    ``coupling_on_wells``
        Its values on one loss.
    ``coupling_for_noise``
        Its values in one part of the experiment.
    ``agents_with_coupling``
        The values that are combined with each value of another parameter.

    `replicas`, and `band`, the share by which a measured value may differ from an exact one, take the
    same endings.
    """

    MAY_BE_ZERO: ClassVar[tuple[str, ...]] = ()
    """Settings beside couplings that can be 0."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            if field.name != "seed":
                self._check(field.name, getattr(self, field.name))

    def _check(self, name: str, value: Any) -> None:
        """Refuse an empty tuple, too few replicas, and numbers that are not positive."""
        if value == ():
            raise InvalidArgumentError(f"{name} is empty; give at least one value.")
        if isinstance(value, tuple):
            for entry in value:
                self._check(name, entry)
        elif name.endswith("replicas") or name.startswith(("replicas", "pairs")):
            if value < FEWEST:
                raise InvalidArgumentError(
                    f"{name} is {value}, but confidence limits need at least {FEWEST} replicas."
                )
        elif "coupling" in name.partition("_with_")[0] or name in self.MAY_BE_ZERO:
            if value < 0:
                raise InvalidArgumentError(f"{name} is {value:g}; give a number from 0 on.")
        elif value <= 0:
            raise InvalidArgumentError(f"{name} is {value:g}; give a number above 0.")


@dataclass(frozen=True, kw_only=True)
class GridConfiguration(ComparisonConfiguration):
    """Settings of an experiment that varies k with p, and p, η and n each alone.

    Parameters
    ----------
    agents_with_coupling : tuple of int
        p where k is varied.
    """

    coupling: tuple[float, ...] = (0.0, 1.0, 3.0, 9.0)
    usual_coupling: float = 1.0
    agents: tuple[int, ...] = (2, 4, 8, 16, 64)
    usual_agents: int = 8
    agents_with_coupling: tuple[int, ...] = (2, 8, 32)
    step_size: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0)
    usual_step_size: float = 0.1
    dim: tuple[int, ...] = (1, 2, 4, 8)
    usual_dim: int = 2

    def usual(self, kind: Callable[..., T]) -> T:
        """Return what is not varied, as a setting of a method on the log-cosh loss."""
        numbers = (self.usual_dim, self.usual_agents, self.usual_coupling, self.usual_step_size)
        return kind("log-cosh", *numbers)
