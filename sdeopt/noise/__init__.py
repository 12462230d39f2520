"""Noise laws, one a file. To add one, subclass `NoiseLaw`."""

from sdeopt.noise.gaussian import Gaussian
from sdeopt.noise.laplace import Laplace
from sdeopt.noise.law import ENTRANCES, NoiseLaw
from sdeopt.noise.minibatch import Minibatch
from sdeopt.noise.rademacher import Rademacher
from sdeopt.noise.stable import Stable
from sdeopt.noise.state_dependent import StateDependent
from sdeopt.noise.student_t import StudentT
from sdeopt.noise.uniform import Uniform

__all__ = [
    "ENTRANCES",
    "Gaussian",
    "Laplace",
    "Minibatch",
    "NoiseLaw",
    "Rademacher",
    "Stable",
    "StateDependent",
    "StudentT",
    "Uniform",
]
