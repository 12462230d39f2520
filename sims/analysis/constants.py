"""The constants of Figs 1 to 3 that were reconstructed, and how to change one of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sims.fig2 import HalvingConfiguration
from sims.fig3 import MomentumConfiguration
from sims.models.rugged import RuggedConfiguration

__all__ = ["CONSTANTS", "Constant", "changed"]


def _entry(name: str, index: int) -> Callable[[RuggedConfiguration, float], RuggedConfiguration]:
    """Return the change of one entry of a pair."""

    def change(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
        values = list(getattr(configuration, name))
        values[index] *= factor
        changes: dict[str, Any] = {name: tuple(values)}
        return replace(configuration, **changes)

    return change


def _number(name: str) -> Callable[[RuggedConfiguration, float], RuggedConfiguration]:
    """Return the change of one number."""

    def change(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
        return replace(configuration, **{name: factor * getattr(configuration, name)})

    return change


def _loss(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    changes: dict[str, Any] = {
        name: factor * getattr(configuration, name) for name in ("quartic", "quadratic", "tilt")
    }
    changes["amplitudes"] = tuple(factor * amplitude for amplitude in configuration.amplitudes)
    return replace(configuration, **changes)


def _step_size(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    names = ["step_size"]
    if isinstance(configuration, MomentumConfiguration):
        names.append("plain_step_size")
    return replace(configuration, **{name: factor * getattr(configuration, name) for name in names})


def _couplings(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    """Change all couplings in the same proportion."""
    couplings: dict[str, Any] = {
        name: tuple(factor * k for k in getattr(configuration, name))
        for name in ("small_couplings", "middle_couplings", "large_couplings")
    }
    if isinstance(configuration, MomentumConfiguration):
        couplings["plain_coupling"] = factor * configuration.plain_coupling
    return replace(configuration, **couplings)


def _agents(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    return replace(configuration, agents=round(factor * configuration.agents))


def _steps(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    """Change the number of steps, and the period of the halvings with it."""
    names = ["steps"]
    if isinstance(configuration, HalvingConfiguration):
        names.append("halve_every")
    longer = {name: round(factor * getattr(configuration, name)) for name in names}
    return replace(configuration, **longer)


def _friction(configuration: RuggedConfiguration, factor: float) -> RuggedConfiguration:
    if not isinstance(configuration, MomentumConfiguration):
        return configuration
    return replace(configuration, momentum=1.0 - factor * (1.0 - configuration.momentum))


@dataclass(frozen=True)
class Constant:
    """A constant that can be changed.

    Parameters
    ----------
    label : str
        What it is called in the figure.
    change : callable
        A configuration and a factor -> the configuration with the constant multiplied by it.
    """

    label: str
    change: Callable[[RuggedConfiguration, float], RuggedConfiguration]


CONSTANTS = {
    "c": Constant("$c$, whole loss", _loss),
    "q": Constant("the 4 of $-4x^2$", _number("quadratic")),
    "a": Constant("$a$, tilt", _number("tilt")),
    "A1": Constant("$A_1$, slow wave", _entry("amplitudes", 0)),
    "A2": Constant("$A_2$, fast wave", _entry("amplitudes", 1)),
    "w1": Constant("$w_1$, slow wave", _entry("frequencies", 0)),
    "w2": Constant("$w_2$, fast wave", _entry("frequencies", 1)),
    "W": Constant("$W$, noise", _number("half_width")),
    "eta": Constant("$\\eta$, step size", _step_size),
    "k": Constant("$k$, all couplings", _couplings),
    "p": Constant("$p$, agents", _agents),
    "steps": Constant("steps", _steps),
    "start": Constant("width of the start", _number("start_half_width")),
    "delta": Constant("$1 - \\delta$, momentum", _friction),
}
"""All that were reconstructed, but for the number of halvings, which is too small to change by 20%."""


def changed(
    configuration: RuggedConfiguration, constant: str, factor: float
) -> RuggedConfiguration:
    """Return a configuration with one constant changed.

    Parameters
    ----------
    configuration : RuggedConfiguration
        Of Figure 1, 2 or 3.
    constant : str
        One of `CONSTANTS`; the couplings stay as they are unless they are what is changed.
    factor : float
        What the constant is multiplied by.

    Returns
    -------
    RuggedConfiguration
        Of the same class; equal where the figure has no such constant.

    Examples
    --------
    >>> from sims.fig1 import QUICK
    >>> from sims.analysis.constants import changed
    >>> changed(QUICK, "A1", 1.2).amplitudes
    (-0.36, -0.4)
    """
    return CONSTANTS[constant].change(configuration, factor)
