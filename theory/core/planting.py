"""Errors to plant in a system of coupled agents: its coupling, its signs, its noise."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.moments import CommonNoise
from theory.proofs.result import Planted

Law = Callable[..., Any]


def coupling_errors(name: str, law: Law, gain: Any) -> tuple[Planted, ...]:
    """Return a part of the setting without its coupling, and with the coupling of the other sign."""
    return (
        Planted(
            f"{name}: no coupling",
            setting={name: lambda *at: sympy.sympify(law(*at)).subs(gain, sympy.S.Zero)},
        ),
        Planted(
            f"{name}: the coupling has the other sign",
            setting={name: lambda *at: sympy.sympify(law(*at)).subs(gain, -gain)},
        ),
    )


def pull_error(name: str, law: Law, right: Law, wrong: Law) -> Planted:
    """Return a part of the setting with the pull on another variable than the agent itself."""
    return Planted(
        f"{name}: the pull is on the wrong variable",
        setting={name: lambda i, a: law(i, a) + right(i, a) - wrong(i, a)},
    )


def noise_errors(name: str, law: Law) -> tuple[Planted, ...]:
    """Return a noise of twice the variance, none, and one that all agents share."""
    return (
        Planted(f"{name}: twice the variance", setting={name: lambda *at: 2 * law(*at)}),
        Planted(f"{name}: none", setting={name: lambda *at: sympy.S.Zero}),
        Planted(
            f"{name}: all agents have the noise of the first",
            setting={name: CommonNoise(lambda a, c: law(sympy.S.One, a, c))},
        ),
    )
