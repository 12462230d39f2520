"""What the escapes of a run amount to, and what theory expects of them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sims.analysis.cloud import smoothing_variance
from sims.analysis.first_passage import MeanTime, Passages, mean_time
from sims.analysis.passage_theory import mean_passage_time

__all__ = ["Escapes", "slope"]

Array: TypeAlias = NDArray[np.float64]

ENOUGH = 10
"""Events that an estimate needs to be compared: its error is then below a third."""


@dataclass(frozen=True, eq=False)
class Escapes:
    """The escapes of `sims.escape.simulate`, analysed.

    Parameters
    ----------
    result : xarray.Dataset
        Of that function.
    """

    result: xr.Dataset

    @property
    def couplings(self) -> list[float]:
        """k, from 0 to the strongest."""
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
        watched, passed = cell["agent_watched"].values, cell["agent_passed"].values
        if not passed.sum():
            return float("inf"), float("inf")
        time = watched.sum() / passed.sum()
        error = np.std(watched - time * passed, ddof=1) * np.sqrt(len(watched))
        return float(time), float(error / watched.sum())

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
    """Return how fast the logarithm of a time rises with the number of agents.

    Parameters
    ----------
    counts : list of int
        p.
    times : list of float
        As many.

    Returns
    -------
    float
        By least squares; NaN for fewer than two points.
    """
    if len(counts) < 2:
        return float("nan")
    return float(np.polyfit(counts, np.log(times), 1)[0])
