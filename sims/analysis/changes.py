"""Changing one constant of a figure by a factor."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from sdeopt.experiment import Configuration

__all__ = ["Change", "Constant", "entry", "rounded", "scaled"]

C = TypeVar("C", bound=Configuration)


class Change(Protocol):
    """A configuration and a factor -> the configuration with a constant multiplied by it."""

    def __call__(self, configuration: C, factor: float, /) -> C:
        """Return the configuration of the same class; equal where it has no such constant."""


@dataclass(frozen=True)
class Constant:
    """A constant that can be changed.

    Parameters
    ----------
    label : str
        What it is called in a figure.
    change : Change
        How it is changed.
    """

    label: str
    change: Change


def scaled(*names: str) -> Change:
    """Return the change that multiplies numbers, or all numbers of tuples, of these names.

    Parameters
    ----------
    *names : str
        Fields of a configuration; those that it does not have are passed over.

    Examples
    --------
    >>> from sims.analysis.changes import scaled
    >>> from sims.fig1 import QUICK
    >>> scaled("amplitudes")(QUICK, 10.0).amplitudes
    (-3.0, -4.0)
    """
    return _changing(names, _times)


def rounded(*names: str) -> Change:
    """Return the change that multiplies and rounds whole numbers of these names.

    Parameters
    ----------
    *names : str
        Fields of a configuration; those that it does not have are passed over.

    Examples
    --------
    >>> from sims.analysis.changes import rounded
    >>> from sims.fig1 import QUICK
    >>> rounded("agents")(QUICK, 0.8).agents
    120
    """
    return _changing(names, lambda value, factor: round(factor * value))


def entry(name: str, index: int) -> Change:
    """Return the change of one entry of a tuple.

    Parameters
    ----------
    name : str
        A field of the configuration.
    index : int
        Which entry.

    Examples
    --------
    >>> from sims.analysis.changes import entry
    >>> from sims.fig1 import QUICK
    >>> entry("frequencies", 0)(QUICK, 0.5).frequencies
    (2.2, 22.0)
    """

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
