"""The parameters of the theorems: one symbol each, with its sign, its keyword and its words.

A bound takes a parameter by the name that the symbol has here, and refuses values against its sign.
"""

import dataclasses
from typing import Any

import sympy

__all__ = ["PARAMETERS", "Parameter"]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A number that bounds are functions of.

    Parameters
    ----------
    name : str
        The keyword of bounds.
    symbol : sympy.Symbol
        What stands for it in formulas; its assumptions are the values allowed.
    words : str
        What it is.
    """

    name: str
    symbol: Any
    words: str

    @property
    def domain(self) -> str:
        """The values allowed, in words."""
        sign = "positive" if self.symbol.is_positive else ""
        sign = sign or ("non-negative" if self.symbol.is_nonnegative else "")
        return " ".join(
            part for part in (sign, "integer" if self.symbol.is_integer else "") if part
        )


PARAMETERS: dict[Any, Parameter] = {}
"""All parameters, by symbol."""


def _parameter(name: str, letter: str, words: str, **assumptions: bool) -> Any:
    symbol = sympy.Symbol(letter, real=True, **assumptions)
    PARAMETERS[symbol] = Parameter(name, symbol, words)
    return symbol


agents = _parameter("agents", "p", "number of agents", integer=True, positive=True)
dimension = _parameter("dimension", "n", "number of parameters", integer=True, positive=True)
step_size = _parameter("step_size", "eta", "learning rate", positive=True)
batch_size = _parameter("batch_size", "b", "size of the minibatch", integer=True, positive=True)
coupling = _parameter("coupling", "k", "coupling gain", nonnegative=True)
velocity_coupling = _parameter(
    "velocity_coupling", "k_2", "coupling gain of the velocities", nonnegative=True
)
damping = _parameter("damping", "mu", "damping of the velocity", positive=True)
noise_bound = _parameter(
    "noise_bound", "C", "bound on the trace of the noise covariance", nonnegative=True
)
gradient_curvature = _parameter(
    "gradient_curvature",
    "Q",
    "bound on the Hessians of the gradient's components",
    nonnegative=True,
)
strong_convexity = _parameter("strong_convexity", "l", "strong convexity", positive=True)
smoothness = _parameter("smoothness", "L", "smoothness", positive=True)
curvature = _parameter(
    "curvature", "lambdabar", "largest eigenvalue of minus the Hessian, over all points"
)
rate = _parameter("rate", "lambda", "contraction rate", positive=True)
time = _parameter("time", "t", "time", nonnegative=True)
metric_floor = _parameter("metric_floor", "m", "least eigenvalue of the metric", positive=True)
metric_condition = _parameter(
    "metric_condition", "kappa", "condition number of the metric transformation", positive=True
)
first_rate = _parameter("first_rate", "a", "contraction rate of the first system")
second_rate = _parameter("second_rate", "d", "contraction rate of the second system")
feedback_gain = _parameter(
    "feedback_gain", "g", "bound on the coupling of two systems", positive=True
)
