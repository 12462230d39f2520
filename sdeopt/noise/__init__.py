"""Noise laws, one a file. To add one, subclass `NoiseLaw` in a file of this package, and export it."""

from sdeopt.noise.coloured import Coloured
from sdeopt.noise.correlated import Correlated
from sdeopt.noise.from_quantile import FromQuantile
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
    "Coloured",
    "Correlated",
    "FromQuantile",
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
