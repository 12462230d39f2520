"""One point of a comparison: a method with its parameters, on a loss with its noise."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sims.shared.families import Family, family
from sims.shared.linear import linear_systems, scheme_bias

if TYPE_CHECKING:
    from theory.moments import Method, SecondMoments

PULL = 0.1
"""Largest rate of the differences of agents times dt: how finely time is cut."""

JOINT_PULL = 0.35
"""The same for mean, x~ and velocity together, of which x~ is the fastest: with kp, where there is
little noise."""

FLOW_PULL = 0.02
"""Largest rate times dt in runs without noise: the scheme then has rates off by less than 1e-4."""

BETWEEN = 5
"""Steps from one observation of a statistic to the next: half the fastest time of the system."""

BATCH_SIZE = 1
"""b; bounds and dynamics know η and b as η/b only."""


@dataclass(frozen=True)
class Setting:
    """One point of a comparison, with QSGD for the method."""

    family: str
    dim: int
    agents: int
    coupling: float
    step_size: float
    shown: str = ""

    def law(self) -> Family:
        """Return the loss and its noise."""
        return family(self.family, self.dim)

    def algorithm(self) -> Algorithm:
        """Return the algorithm."""
        return so.QSGD(coupling=self.coupling)

    def method(self) -> "Method":
        """Return the same as a linear system, whose parameters are numbers."""
        from theory.moments import qsgd

        return qsgd(agents=self.agents, coupling=self.coupling)

    def alone(self) -> Self:
        """Return the setting of agents that move like x• when all are in one place: one agent."""
        return replace(self, agents=1)

    def dt(self) -> float:
        """Return the time step: `PULL` and `JOINT_PULL` over the largest rates of the linear system."""
        method, steepest = self.method(), self.law().fastest
        apart, joint = (
            float(np.abs(np.linalg.eigvals(pencil.at(steepest))).max())
            for pencil in (method.apart, method.together)
        )
        return min(PULL / apart, JOINT_PULL / joint)

    def bias(self) -> float:
        """Return by what share time steps can make stationary squares too small, on linear drift."""
        law = self.law()
        systems = linear_systems(self.method(), (-law.curvature, law.fastest))
        return scheme_bias(systems, self.dt())

    def moments(self) -> "SecondMoments | None":
        """Return the exact stationary second moments on a quadratic, None on other losses."""
        law = self.law()
        if not isinstance(law.loss, so.losses.Quadratic):
            return None
        from theory.moments import stationary_covariance

        noise = self.step_size / BATCH_SIZE * law.covariance
        return stationary_covariance(self.method(), law.loss.matrix, noise)

    def step_sizes(self) -> float | NDArray[np.float64]:
        """Return the learning rate of all agents, or one for each."""
        return self.step_size

    def per_agent(self) -> dict[str, float]:
        """Return the parameters that all bounds take, by their names there."""
        return {
            "agents": self.agents,
            "coupling": self.coupling,
            "step_size": self.step_size,
            "batch_size": BATCH_SIZE,
            "noise_bound": self.law().noise_bound,
        }


@dataclass(frozen=True)
class UnevenSetting(Setting):
    """The same with learning rates of the agents' own: `step_size` is their mean."""

    def step_sizes(self) -> NDArray[np.float64]:
        """Return the learning rates: evenly spaced, the largest 2p − 1 times the least."""
        return self.step_size * (2 * np.arange(self.agents) + 1) / self.agents


@dataclass(frozen=True)
class EasgdSetting(Setting):
    """The same with EASGD for the method; the parameters are those of `Setting`."""

    def algorithm(self) -> Algorithm:
        """Return the algorithm."""
        return so.EASGD(coupling=self.coupling)

    def method(self) -> "Method":
        """Return the same as a linear system."""
        from theory.moments import easgd

        return easgd(agents=self.agents, coupling=self.coupling)

    def alone(self) -> Self:
        """Return the setting itself, as the rate of x~ goes with p."""
        return self


@dataclass(frozen=True)
class MomentumSetting(Setting):
    """The same with QSGD with momentum for the method."""

    damping: float = 2.0

    def algorithm(self) -> Algorithm:
        """Return the algorithm."""
        return so.ContinuousMomentum(coupling=self.coupling, damping=self.damping)

    def method(self) -> "Method":
        """Return the same as a linear system."""
        from theory.moments import momentum

        return momentum(agents=self.agents, coupling=self.coupling, damping=self.damping)

    def per_agent(self) -> dict[str, float]:
        """Return the parameters that all bounds take, by their names there."""
        return super().per_agent() | {"damping": self.damping}
