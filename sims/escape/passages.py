"""First-passage times, from theory and observed, and the escapes of a result.

A run that ends before the event is *censored*: its time is known to be longer than the run. Leaving
such runs out, or taking their end for the event, makes escapes look faster than they are.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.integrate import cumulative_simpson

import sdeopt as so
from sdeopt.losses.loss import Loss
from sims.shared.linear import smoothing_variance

GRID = 4001
"""Points of the integration; enough for ripples 40 times finer than the interval."""


def mean_passage_time(
    potential: Loss, temperature: float, start: float, goal: float, wall: float = -3.0
) -> float:
    """Return the mean time that dx = −U′(x) dt + √(2D) dW takes from a start up to a goal."""
    x = np.linspace(wall, goal, GRID)
    energy = potential.value(x[:, None]) / temperature
    energy -= energy.min()
    below = cumulative_simpson(np.exp(-energy), x=x, initial=0.0)
    integrand = np.exp(energy) * below
    upper = cumulative_simpson(integrand, x=x, initial=0.0)
    from_start = upper[-1] - np.interp(start, x, upper)
    return float(from_start / temperature)


Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Passages:
    """Times of first passage, some of them only known to be longer."""

    times: Array
    passed: NDArray[np.bool_]

    @classmethod
    def of(cls, steps: ArrayLike, step_size: float, end: int) -> "Passages":
        """Return the passages whose steps are known, −1 for none up to the end."""
        found = np.asarray(steps)
        return cls(step_size * np.where(found >= 0, found, end), found >= 0)

    def survival(self) -> tuple[Array, Array]:
        """Return the Kaplan–Meier estimate of the share that has not passed."""
        times, passed = self.times.ravel(), self.passed.ravel()
        censored: Any = stats.CensoredData(uncensored=times[passed], right=times[~passed])
        curve = stats.ecdf(censored).sf
        return np.append(0.0, curve.quantiles), np.append(1.0, curve.probabilities)


@dataclass(frozen=True)
class MeanTime:
    """An estimated mean time between events."""

    value: float
    low: float
    high: float
    events: int

    @property
    def log_error(self) -> float:
        """The standard error of the logarithm of the estimate."""
        return float(self.events**-0.5) if self.events else float("inf")


def mean_time(passages: Passages, level: float = 0.95) -> MeanTime:
    """Return the mean time of first passage: all time observed, per event."""
    events, observed = int(passages.passed.sum()), float(passages.times.sum())
    tail = 0.5 * (1.0 - level)
    low = 2.0 * observed / stats.chi2.isf(tail, 2 * events + 2)
    high = 2.0 * observed / stats.chi2.ppf(tail, 2 * events) if events else np.inf
    return MeanTime(observed / events if events else np.inf, float(low), float(high), events)


ENOUGH = 10
"""Events that an estimate needs to be compared: its error is then below a third."""


@dataclass(frozen=True, eq=False)
class Escapes:
    """The escapes of `sims.escape.experiment.simulate`, analysed."""

    result: xr.Dataset

    @property
    def couplings(self) -> list[float]:
        """k, from 0 to the largest."""
        return [float(k) for k in self.result["coupling"].values]

    @property
    def counts(self) -> list[int]:
        """p, increasing."""
        return [int(p) for p in self.result["agent_count"].values]

    def passages(self, coupling: float, agents: int) -> Passages:
        """Return the first passages of the mean."""
        cell = self.result.sel(coupling=coupling, agent_count=agents)
        return Passages(cell["mean_time"].values, cell["mean_passed"].values)

    def of_mean(self, coupling: float, agents: int) -> MeanTime:
        """Return the mean time after which the mean first reaches the goal."""
        return mean_time(self.passages(coupling, agents))

    def of_agents(self, coupling: float, agents: int) -> tuple[float, float]:
        """Return the same for a single agent, and the standard error of its logarithm.

        Agents of one replica are not independent, replicas are: the error is that of a ratio of two
        sums over replicas.
        """
        cell = self.result.sel(coupling=coupling, agent_count=agents)
        observed, passed = cell["agent_time"].values, cell["agent_passed"].values
        if not passed.sum():
            return float("inf"), float("inf")
        time = observed.sum() / passed.sum()
        error = np.std(observed - time * passed, ddof=1) * np.sqrt(len(observed))
        return float(time), float(error / observed.sum())

    def expected(self, coupling: float, agents: int) -> float:
        """Return what theory expects for the mean, without anything fitted; needs k > 0.

        The mean diffuses with the temperature D = ηW²/(6p) on the loss convolved with the cloud of
        agents around it, as if the cloud had always time to take its shape.
        """
        eta, variance = self.step_size, self.noise_variance
        spread = float(smoothing_variance(coupling, eta, agents, variance)) ** 0.5
        smooth = so.losses.RuggedWell.robust().convolved(so.noise.Gaussian(1.0), scale=spread)
        places = (self.result["origin"].item(), self.result["goal"].item())
        return mean_passage_time(smooth, eta * variance / (2 * agents), *places)

    @property
    def step_size(self) -> float:
        """η."""
        return float(self.result["step_size"])

    @property
    def noise_variance(self) -> float:
        """W²/3."""
        return float(self.result["half_width"]) ** 2 / 3.0

    def compared(self, coupling: float) -> list[int]:
        """Return the numbers of agents with enough escapes of the mean to compare with theory."""
        return [p for p in self.counts if self.of_mean(coupling, p).events >= ENOUGH]

    def expected_shares(self) -> Array:
        """Return the share of each basin under exp(−f/D), the law of one agent in small steps."""
        x = np.linspace(-5.0, 5.0, 20_001)
        temperature = 0.5 * self.step_size * self.noise_variance
        loss = so.losses.RuggedWell.robust().value(x[:, None])
        weights = np.exp((loss.min() - loss) / temperature)
        number = np.searchsorted(self.result["ridge"].values, x)
        shares: Array = np.bincount(number, weights) / weights.sum()
        return shares


def slope(counts: list[int], times: list[float]) -> float:
    """Return how fast the logarithm of a time rises with the number of agents."""
    if len(counts) < 2:
        return float("nan")
    return float(np.polyfit(counts, np.log(times), 1)[0])


def slope_error(counts: list[int], log_errors: list[float]) -> float:
    """Return the standard error of `slope`, from those of the logarithms of the times."""
    offset = np.asarray(counts, np.float64) - np.mean(counts)
    return float(np.sqrt(((offset * log_errors) ** 2).sum()) / (offset**2).sum())
