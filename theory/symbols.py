"""The parameters of the theorems: one symbol each, with its sign, its keyword and its words.

A bound takes a parameter by the name that the symbol has here, and refuses values against its sign.
"""

import dataclasses
from typing import Any

import sympy


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A number that bounds are functions of."""

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
negative_curvature = _parameter(
    "negative_curvature", "lambdabar", "largest eigenvalue of minus the Hessian, over all points"
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
    "feedback_gain", "g", "bound on the coupling of two systems", nonnegative=True
)
relative_step = _parameter("relative_step", "q", "learning rate times curvature", positive=True)
moving_rate = _parameter("moving_rate", "alpha", "learning rate times coupling gain", positive=True)
disturbance = _parameter(
    "disturbance", "D", "bound on the expected length of a disturbance", nonnegative=True
)
metric_shift = _parameter(
    "metric_shift", "beta", "weight of the position beside the velocity", positive=True
)
metric_scale = _parameter(
    "metric_scale", "theta", "units of the second system in the metric", positive=True
)
rounds = _parameter("rounds", "T", "number of the round, from 1", integer=True, positive=True)
TIMES = frozenset({time, rounds})
"""The symbols of time: what moves has another value at each."""
data_curvature = _parameter(
    "data_curvature", "lambda_x", "eigenvalue of the Gram matrix of a batch", positive=True
)
noise_bias = _parameter(
    "noise_bias", "beta", "mean of the injected noise along an eigenvector of the batch"
)
unevenness = _parameter(
    "unevenness", "theta", "share by which learning rates are below their mean", nonnegative=True
)
weight_noise = _parameter(
    "weight_noise", "sigma", "standard deviation of the noise on each weight", nonnegative=True
)
first_width = _parameter(
    "first_width", "h_1", "number of neurons of the first layer", integer=True, positive=True
)
second_width = _parameter(
    "second_width", "h_2", "number of neurons of the second layer", integer=True, positive=True
)
hessian_eigenvalue = _parameter(
    "hessian_eigenvalue", "h", "eigenvalue of the Hessian", positive=True
)
noise_size = _parameter(
    "noise_size", "sigma_B", "standard deviation of the noise along a direction", nonnegative=True
)
first_preconditioner = _parameter(
    "first_preconditioner", "P_1", "preconditioner of the first agent", positive=True
)
second_preconditioner = _parameter(
    "second_preconditioner", "P_2", "preconditioner of the second agent", positive=True
)
gain_deviation = _parameter(
    "gain_deviation", "s_k", "standard deviation of the gains over the agents", nonnegative=True
)
magnification = _parameter(
    "magnification", "A", "mean gain at the start of an epoch, relative to k", positive=True
)
relaxation = _parameter("relaxation", "tau", "time in which the gains return to k", positive=True)
examples = _parameter(
    "examples", "N", "number of examples in the training set", integer=True, positive=True
)
synchronization_rate = _parameter(
    "synchronization_rate", "lambda_1", "contraction rate of descent with coupling", positive=True
)
descent_rate = _parameter(
    "descent_rate", "lambda_2", "contraction rate of descent without coupling", positive=True
)
added_noise = _parameter(
    "added_noise",
    "alpha_t",
    "standard deviation of the noise added to the gradient",
    nonnegative=True,
)
decay_exponent = _parameter(
    "decay_exponent", "gamma_n", "exponent by which added noise decays", nonnegative=True
)
past_steps = _parameter(
    "past_steps",
    "t_0",
    "steps made before the first that is looked at",
    integer=True,
    nonnegative=True,
)
kept_share = _parameter(
    "kept_share", "r", "share of the distance from the minimum that a step of descent keeps"
)
noise_ratio = _parameter(
    "noise_ratio", "rho", "least ratio of the variances of two steps' noise in a row", positive=True
)
noise_trace = _parameter(
    "noise_trace", "T_Sigma", "trace of the covariance of one example's gradient", nonnegative=True
)
wanted_batch_size = _parameter(
    "wanted_batch_size",
    "b_0",
    "size of the minibatch whose noise is to be restored",
    integer=True,
    positive=True,
)
momentum = _parameter("momentum", "delta", "momentum of the discrete iteration", nonnegative=True)
