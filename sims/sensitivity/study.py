"""The verdicts on several figures, as they are and after every change of one reconstructed constant."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import xarray as xr

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Claim, Configuration
from sims.rugged.fig3 import MomentumConfiguration

C = TypeVar("C", bound=Configuration)


class Change(Protocol):
    """A configuration and a factor -> the configuration with a constant multiplied by it."""

    def __call__(self, configuration: C, factor: float, /) -> C:
        """Return the configuration of the same class; equal where it has no such constant."""


@dataclass(frozen=True)
class ReconstructedConstant:
    """A constant that can be changed."""

    label: str
    change: Change


def scaled(*names: str) -> Change:
    """Return the change that multiplies numbers, or all numbers of tuples, of these names."""
    return _changing(names, _times)


def rounded(*names: str) -> Change:
    """Return the change that multiplies and rounds whole numbers of these names."""
    return _changing(names, lambda value, factor: round(factor * value))


def entry(name: str, index: int) -> Change:
    """Return the change of one entry of a tuple."""

    def one(values: tuple[float, ...], factor: float) -> tuple[float, ...]:
        return (*values[:index], factor * values[index], *values[index + 1 :])

    return _changing((name,), one)


def _changing(names: tuple[str, ...], new: Callable[[Any, float], Any]) -> Change:
    def change(configuration: C, factor: float, /) -> C:
        present = [name for name in names if hasattr(configuration, name)]
        changes = {name: new(getattr(configuration, name), factor) for name in present}
        return replace(configuration, **changes)

    return change


def _times(value: float | tuple[float, ...], factor: float) -> float | tuple[float, ...]:
    if isinstance(value, tuple):
        return tuple(factor * number for number in value)
    return factor * value


def _friction(configuration: C, factor: float, /) -> C:
    if not isinstance(configuration, MomentumConfiguration):
        return configuration
    return replace(configuration, momentum=1.0 - factor * (1.0 - configuration.momentum))


_COMMON = {
    "c": ReconstructedConstant(
        "$c$, whole loss", scaled("quartic", "quadratic", "tilt", "amplitudes")
    ),
    "q": ReconstructedConstant("the 4 of $-4x^2$", scaled("quadratic")),
    "a": ReconstructedConstant("$a$, tilt", scaled("tilt")),
    "A1": ReconstructedConstant("$A_1$, slow wave", entry("amplitudes", 0)),
    "A2": ReconstructedConstant("$A_2$, fast wave", entry("amplitudes", 1)),
    "w1": ReconstructedConstant("$w_1$, slow wave", entry("frequencies", 0)),
    "w2": ReconstructedConstant("$w_2$, fast wave", entry("frequencies", 1)),
    "W": ReconstructedConstant("$W$, noise", scaled("half_width")),
    "eta": ReconstructedConstant("$\\eta$, step size", scaled("step_size", "plain_step_size")),
    "k": ReconstructedConstant(
        "$k$, all couplings",
        # with the limits of the parts that couplings play, and of the strict U-shape of Figure 4
        scaled("coupling", "middle", "strong", "plain_coupling", "smallest_strict"),
    ),
    "p": ReconstructedConstant("$p$, agents", rounded("agents")),
    "steps": ReconstructedConstant("steps", rounded("steps", "halve_every")),
    "start": ReconstructedConstant("width of the start", scaled("start_half_width")),
}

CONSTANTS = _COMMON | {"delta": ReconstructedConstant("$1 - \\delta$, momentum", _friction)}
"""Those of Figs 1 to 3, but for the number of halvings, which is too small to change by 20%.

The couplings stay as they are unless they are what is changed.
"""

COUPLED_CONSTANTS = _COMMON | {"n": ReconstructedConstant("$n$, coordinates", rounded("dim"))}
"""Those of Figs 4 to 6."""


@dataclass(frozen=True, kw_only=True)
class StudyConfiguration(Configuration):
    """Which constants are changed and by how much; a study adds a field for each figure.

    Parameters
    ----------
    replicas : int
        Of every simulation after a change.
    replicas_before : int
        Of the simulations before a change. All claims must hold there, so few replicas would say
        more about chance than about the constants.
    change : float
        Each constant is multiplied by 1 − change and by 1 + change.
    constants : tuple of str
        Which of those that the study knows.
    """

    replicas: int
    replicas_before: int
    change: float = 0.2
    constants: tuple[str, ...]

    KNOWN: ClassVar[Mapping[str, ReconstructedConstant]]
    FIGURES: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for constant in self.constants:
            if constant not in self.KNOWN:
                raise unknown_name("constant called", constant, self.KNOWN)
        if not (self.constants and 0.0 < self.change < 1.0):
            raise InvalidArgumentError(
                "a sensitivity study needs at least one constant, and a change between 0 and 1; "
                f"the change given is {self.change:g}."
            )

    def figures(self, replicas: int) -> dict[str, Any]:
        """Return the figures with so many replicas and the seed of this study."""
        return {
            name: replace(getattr(self, name), replicas=replicas, seed=self.seed)
            for name in self.FIGURES
        }


@dataclass(frozen=True)
class Verdicts:
    """What was found with one choice of the constants."""

    claims: Mapping[str, list[Claim]]
    beside: xr.Dataset

    def table(self) -> xr.Dataset:
        """Return ``holds``, ``seems`` and ``value`` (claim), and what else was measured."""
        claims = [claim for of_figure in self.claims.values() for claim in of_figure]
        return self.beside.assign(
            holds=("claim", [claim.holds is True for claim in claims]),
            seems=("claim", [claim.seems for claim in claims]),
            undecided=("claim", [claim.holds is None for claim in claims]),
            value=("claim", [claim.value for claim in claims]),
        )


class Judge(ABC, Generic[C]):
    """What simulates figures and judges them by their own claims."""

    def __init__(self) -> None:
        self.work: dict[str, float] = {"run_seconds": 0.0, "agent_steps": 0}

    @abstractmethod
    def __call__(self, figures: Mapping[str, C]) -> Verdicts:
        """Return the verdicts on figures with these constants."""

    def _count(self, seconds: float, agent_steps: int) -> None:
        self.work["run_seconds"] += seconds
        self.work["agent_steps"] += agent_steps


def study(configuration: StudyConfiguration, judge: Judge[Any]) -> xr.Dataset:
    """Judge the figures as they are and after every change of one constant."""
    as_it_is = judge(configuration.figures(configuration.replicas_before))
    figures = configuration.figures(configuration.replicas)
    before = as_it_is.table()
    claims = [(name, claim) for name in figures for claim in as_it_is.claims[name]]
    changes = [-configuration.change, configuration.change]
    after = []
    for constant in configuration.constants:
        change = configuration.KNOWN[constant].change
        varied = [{name: change(figures[name], 1.0 + by) for name in figures} for by in changes]
        after.append([judge(one).table() for one in varied])
    result: xr.Dataset = xr.combine_nested(after, concat_dim=["constant", "change"], join="exact")
    return (
        result.assign({f"before_{name}": before[name] for name in before.data_vars})
        .assign(replicas=configuration.replicas)
        .assign_coords(
            constant=list(configuration.constants),
            change=changes,
            figure=("claim", [name for name, _ in claims]),
            part=("claim", [part(claim, figures[name]) for name, claim in claims]),
            words=("claim", [claim.claim for _, claim in claims]),
        )
        .assign_attrs(judge.work)
    )


@runtime_checkable
class HasRoles(Protocol):
    """A figure with a panel for each coupling."""

    def roles(self) -> dict[float, str]:
        """Return the part that each coupling plays."""


def part(claim: Claim, figure: Configuration) -> str:
    """Return which part of a figure a claim speaks of."""
    roles = figure.roles() if isinstance(figure, HasRoles) else {}
    names = {f"k = {k:g}": role for k, role in roles.items()}
    return names.get(claim.claim.partition(":")[0], "beside")
