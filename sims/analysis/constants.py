"""The constants of Figs 1 to 6 that were reconstructed, and how to change one of them."""

from dataclasses import replace
from typing import TypeVar

from sdeopt.experiment import Configuration
from sims.analysis.changes import Constant, entry, rounded, scaled
from sims.fig3 import MomentumConfiguration

__all__ = ["CONSTANTS", "COUPLED_CONSTANTS"]

C = TypeVar("C", bound=Configuration)


def _friction(configuration: C, factor: float, /) -> C:
    if not isinstance(configuration, MomentumConfiguration):
        return configuration
    return replace(configuration, momentum=1.0 - factor * (1.0 - configuration.momentum))


_COMMON = {
    "c": Constant("$c$, whole loss", scaled("quartic", "quadratic", "tilt", "amplitudes")),
    "q": Constant("the 4 of $-4x^2$", scaled("quadratic")),
    "a": Constant("$a$, tilt", scaled("tilt")),
    "A1": Constant("$A_1$, slow wave", entry("amplitudes", 0)),
    "A2": Constant("$A_2$, fast wave", entry("amplitudes", 1)),
    "w1": Constant("$w_1$, slow wave", entry("frequencies", 0)),
    "w2": Constant("$w_2$, fast wave", entry("frequencies", 1)),
    "W": Constant("$W$, noise", scaled("half_width")),
    "eta": Constant("$\\eta$, step size", scaled("step_size", "plain_step_size")),
    "k": Constant(
        "$k$, all couplings",
        scaled(
            *(f"{part}_couplings" for part in ("small", "middle", "strong", "large")),
            "plain_coupling",
            # of Figure 4, with the one from which on its U-shape is strict
            "couplings",
            "smallest_strict",
        ),
    ),
    "p": Constant("$p$, agents", rounded("agents")),
    "steps": Constant("steps", rounded("steps", "halve_every")),
    "start": Constant("width of the start", scaled("start_half_width")),
}

CONSTANTS = _COMMON | {"delta": Constant("$1 - \\delta$, momentum", _friction)}
"""Those of Figs 1 to 3, but for the number of halvings, which is too small to change by 20%.

The couplings stay as they are unless they are what is changed.
"""

COUPLED_CONSTANTS = _COMMON | {"n": Constant("$n$, coordinates", rounded("dim"))}
"""Those of Figs 4 to 6."""
