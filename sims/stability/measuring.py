"""How fast a discrete iteration on a parabola grows or dies out, and where the one becomes the other."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sdeopt as so
import theory
from sims.shared.linear import largest_stable

METHODS = {"QSGD": so.QSGD, "EASGD": so.EASGD}
"""By name: the algorithm for a coupling."""

ZERO = 1e-200
"""A size that counts as 0: the smallest floating-point numbers no longer shrink as they should."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """Factors by which sizes change in a step, between two times of a run."""

    whole: Array
    together: Array
    apart: Array

    @classmethod
    def between(cls, early: tuple[Array, Array], late: tuple[Array, Array], steps: int) -> Self:
        """Compare agents (..., agent) and quorum variables (...) at two times, `steps` apart."""
        factors = []
        # What overflows grew.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            for before, after in zip(_sizes(*early), _sizes(*late), strict=True):
                factor = np.where(after > ZERO, (after / before) ** (1 / steps), 0.0)
                factors.append(np.where(np.isfinite(after) & np.isfinite(before), factor, np.inf))
        return cls(*factors)

    @property
    def stable(self) -> Array:
        """Whether all of it dies out; parts alone can be at the rounding of the others."""
        return np.asarray(self.whole < 1.0)


def _sizes(agents: Array, quorum: Array) -> tuple[Array, Array, Array]:
    mean = agents.mean(axis=-1)
    together = np.hypot(mean, quorum)
    apart = np.sqrt(((agents - mean[..., None]) ** 2).sum(axis=-1))
    return np.hypot(together, apart), together, apart


@dataclass(frozen=True)
class Iteration:
    """A method on f = ½x², where q = ηh is η; α = ηk is the moving rate."""

    method: str
    agents: int
    relative_step: float
    steps: int
    seed: int

    def growth(self, moving_rate: float, since: int | None = None) -> Growth:
        """Simulate, and measure growth from the middle of the run on, or since a step."""
        first = self.steps // 2 if since is None else since
        run = so.simulate(
            so.losses.Quadratic(1.0),
            METHODS[self.method](coupling=moving_rate / self.relative_step),
            steps=self.steps,
            step_size=self.relative_step,
            start=so.start.Gaussian(0.0, 1.0),
            agents=self.agents,
            seed=self.seed,
            record=so.record.At([first, self.steps]),
            on_divergence="mask",
            threads=1,
            progress=False,
        )
        early, late = (
            (run["agents"].values[time, 0, :, 0], run["quorum"].values[time, 0, 0])
            for time in (0, 1)
        )
        return Growth.between(early, late, self.steps - first)

    def border(self, low: float, high: float, halvings: int) -> float:
        """Return where growth sets in, by halving an interval on a logarithmic scale."""
        return largest_stable(lambda pull: bool(self.growth(pull).stable), low, high, halvings)


def jury_border(method: str, agents: ArrayLike, relative_step: ArrayLike) -> Array:
    """Return the α = ηk from which on a method is not stable, by the theory."""
    if method == "QSGD":
        border = theory.load("qsgd_stability").evaluate("below", relative_step=relative_step)
        return np.asarray(np.broadcast_arrays(border, agents)[0])
    result = theory.load("easgd_stability")
    return np.asarray(result.evaluate("below", relative_step=relative_step, agents=agents))


def grow_with_new_mean(
    agents: int, relative_step: float, moving_rate: ArrayLike, steps: int, seed: int
) -> Growth:
    """Iterate EASGD in another order: x~ moves towards the mean of agents that have moved."""
    alpha = np.asarray(moving_rate, np.float64)
    start = np.random.default_rng(seed).normal(size=agents)
    x = np.broadcast_to(start, (*alpha.shape, agents)).copy()
    quorum = x.mean(axis=-1)
    half = (x, quorum)
    # a run that overflows is counted as growing
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x = x - relative_step * x + alpha[..., None] * (quorum[..., None] - x)
            quorum = quorum + agents * alpha * (x.mean(axis=-1) - quorum)
            if step + 1 == steps // 2:
                half = (x, quorum)
        return Growth.between(half, (x, quorum), steps - steps // 2)
