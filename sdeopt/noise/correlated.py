"""Noise that agents share in part."""

from dataclasses import dataclass

import numpy as np

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.of_gaussian import OfGaussian


@dataclass(frozen=True, eq=False)
class Correlated(OfGaussian):
    """Gaussian noise that is correlated between the agents of a replica, as of shared examples.

    Parameters
    ----------
    law : Gaussian or StateDependent
        The law of one agent.
    correlation : float
        ρ, from 0 (independent agents) to 1 (the same noise for all).

    Notes
    -----
    ζⁱ = B ξⁱ with ξⁱ = √ρ ξ + √(1 − ρ) εⁱ; the shared ξ is drawn anew in every step and replica. The
    mean of p agents then has noise of variance σ²(1 + (p − 1)ρ)/p, which more agents do not lower below
    ρσ².

    Examples
    --------
    >>> import sdeopt as so
    >>> law = so.noise.Correlated(so.noise.Gaussian(2.0), correlation=0.25)
    >>> law.variance, law.variance_of_mean(4)
    (4.0, 1.75)
    """

    law: NoiseLaw
    correlation: float

    gaussian = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settle_law()
        if isinstance(self.law, OfGaussian):
            raise InvalidArgumentError(
                "law of noise.Correlated is correlated itself; give noise.Gaussian or "
                "noise.StateDependent."
            )
        correlation = finite_number(self.correlation, "correlation of noise.Correlated", 0)
        if correlation > 1:
            raise InvalidArgumentError(
                f"correlation of noise.Correlated is {correlation:g}, but must be from 0 to 1."
            )
        object.__setattr__(self, "correlation", correlation)

    @property
    def shape(self) -> Array:
        """No correlation in time, and that between agents."""
        return np.array([0.0, self.correlation])

    def switches(self) -> set[str]:
        """Draw what is shared."""
        return super().switches() | self.law.switches() | {"CORRELATED"}

    def variance_of_mean(self, agents: int) -> float:
        """Return the variance of one coordinate of the mean noise of some agents.

        Parameters
        ----------
        agents : int
            p, at least 1.

        Returns
        -------
        float
            σ²(1 + (p − 1)ρ)/p.
        """
        agents = whole_number(agents, "agents", 1)
        return self.variance * (1.0 + (agents - 1) * self.correlation) / agents
