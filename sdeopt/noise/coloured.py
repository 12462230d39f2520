"""Noise that lasts: Gaussian, correlated in time."""

import math
from dataclasses import dataclass

import numpy as np

from sdeopt.arguments import finite_number
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.of_gaussian import OfGaussian


@dataclass(frozen=True, eq=False)
class Coloured(OfGaussian):
    """Gaussian noise with a correlation time: ζ of two steps n apart has correlation exp(−n/τ).

    Parameters
    ----------
    law : Gaussian, StateDependent or Correlated
        The law of a single draw, so that the variance does not depend on τ.
    time : float
        τ, in steps.

    Notes
    -----
    ζ = B ξ with ξ′ = a ξ + √(1 − a²) ε, a = exp(−1/τ) and ε standard normal: an Ornstein–Uhlenbeck
    process at the times of the steps, stationary from the first one. On a quadratic of curvature λ an
    agent x′ = r x − ηζ, r = 1 − ηλ, has the stationary variance

        η²σ² (1 + a r) / ((1 − r²)(1 − a r)),

    near ησ²τ / (λ(1 + ηλτ)) for ηλ small and τ large: more than the ησ²/2λ of fresh noise.

    Examples
    --------
    >>> import sdeopt as so
    >>> law = so.noise.Coloured(so.noise.Gaussian(2.0), time=10.0)
    >>> law.variance, round(law.decay**10, 4)
    (4.0, 0.3679)
    """

    law: NoiseLaw
    time: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settle_law()
        time = finite_number(self.time, "time of noise.Coloured", 0, open_end=True)
        object.__setattr__(self, "time", time)

    @property
    def decay(self) -> float:
        """The correlation a of two successive steps."""
        return math.exp(-1.0 / self.time)

    @property
    def shape(self) -> Array:
        """The correlation of successive steps, and what the law says of its agents."""
        return np.array([self.decay, *self.law.shape[1:]])

    def switches(self) -> set[str]:
        """Keep the noise from step to step."""
        return super().switches() | self.law.switches() | {"COLOURED"}
