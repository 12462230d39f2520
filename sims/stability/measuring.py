"""How fast a discrete iteration on a parabola grows or dies out, and where the one becomes the other."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sdeopt as so
import theory

__all__ = ["METHODS", "Growth", "Iteration", "jury_border", "told_the_new_mean"]

METHODS = {"QSGD": so.QSGD, "EASGD": so.EASGD}
"""By name: the algorithm for a coupling."""

DEAD = 1e-200
"""A size that counts as 0: the smallest floating-point numbers no longer shrink as they should."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """Factors by which sizes change in a step, between two looks at a run.

    Parameters
    ----------
    whole : numpy.ndarray
        Of the root of the sum of both squares below.
    together : numpy.ndarray
        Of the root of x•² + x~².
    apart : numpy.ndarray
        Of the root of Σ (xⁱ − x•)².
    """

    whole: Array
    together: Array
    apart: Array

    @classmethod
    def between(cls, early: tuple[Array, Array], late: tuple[Array, Array], steps: int) -> Self:
        """Compare agents (..., agent) and quorum variables (...) at two times, `steps` apart."""
        factors = []
        # What left the floating-point numbers grew.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            for before, after in zip(_sizes(*early), _sizes(*late), strict=True):
                factor = np.where(after > DEAD, (after / before) ** (1 / steps), 0.0)
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
    """A method on f = ½x², where q = ηh is η, and ηk is the pull on an agent.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    agents : int
        p.
    relative_step : float
        q.
    steps : int
        The length of a run.
    seed : int
        Of the start, which is normal.
    """

    method: str
    agents: int
    relative_step: float
    steps: int
    seed: int

    def growth(self, pull: float, since: int | None = None) -> Growth:
        """Simulate with α = ηk, and measure.

        Parameters
        ----------
        pull : float
            α.
        since : int, optional
            The step from which growth counts; half of them by default.

        Returns
        -------
        Growth
            Of one run.

        Examples
        --------
        >>> from sims.stability.measuring import Iteration
        >>> run = Iteration("QSGD", agents=4, relative_step=0.5, steps=40, seed=1)
        >>> round(float(run.growth(pull=1.6).apart), 6)
        1.1
        """
        first = self.steps // 2 if since is None else since
        run = so.simulate(
            so.losses.Quadratic(1.0),
            METHODS[self.method](coupling=pull / self.relative_step),
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
            (run["agents"].values[look, 0, :, 0], run["quorum"].values[look, 0, 0])
            for look in (0, 1)
        )
        return Growth.between(early, late, self.steps - first)

    def border(self, low: float, high: float, halvings: int) -> float:
        """Return where growth sets in, by halving an interval on a logarithmic scale.

        Parameters
        ----------
        low, high : float
            α with the border between them.
        halvings : int
            How many runs.

        Returns
        -------
        float
            The middle of what is left.
        """
        for _ in range(halvings):
            middle = float(np.sqrt(low * high))
            low, high = (middle, high) if self.growth(middle).stable else (low, middle)
        return float(np.sqrt(low * high))


def jury_border(method: str, agents: ArrayLike, relative_step: ArrayLike) -> Array:
    """Return the α = ηk from which on a method is not stable, by the theory.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    agents, relative_step : array_like
        p and q = ηh; arrays broadcast.

    Returns
    -------
    numpy.ndarray
        Of the broadcast shape.

    Examples
    --------
    >>> from sims.stability.measuring import jury_border
    >>> float(jury_border("QSGD", agents=8, relative_step=0.5))
    1.5
    >>> round(float(jury_border("EASGD", agents=8, relative_step=0.5)), 6)
    0.214286
    """
    if method == "QSGD":
        border = theory.load("qsgd_stability").evaluate("below", relative_step=relative_step)
        return np.asarray(np.broadcast_arrays(border, agents)[0])
    result = theory.load("easgd_stability")
    return np.asarray(result.evaluate("below", relative_step=relative_step, agents=agents))


def told_the_new_mean(
    agents: int, relative_step: float, pull: ArrayLike, steps: int, seed: int
) -> Growth:
    """Iterate EASGD in another order: x~ moves towards the mean of the agents that have moved already.

    Parameters
    ----------
    agents : int
        p.
    relative_step : float
        q.
    pull : array_like
        Several α, each a run.
    steps, seed : int
        As for `Iteration`.

    Returns
    -------
    Growth
        Of every run.
    """
    alpha = np.asarray(pull, np.float64)
    start = np.random.default_rng(seed).normal(size=agents)
    x = np.broadcast_to(start, (*alpha.shape, agents)).copy()
    quorum = x.mean(axis=-1)
    half = (x, quorum)
    # a run that leaves the floating-point numbers is counted as growing
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x = x - relative_step * x + alpha[..., None] * (quorum[..., None] - x)
            quorum = quorum + agents * alpha * (x.mean(axis=-1) - quorum)
            if step + 1 == steps // 2:
                half = (x, quorum)
        return Growth.between(half, (x, quorum), steps - steps // 2)
