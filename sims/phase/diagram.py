"""A phase diagram, analysed: the best coupling of each cell, its power law, the mean-field limit.

For p → ∞ the noise of the mean vanishes. While the mean moves slowly, the agents around it have the
law of a single particle that a spring ties to it,

    ρ_m(x) ∝ exp(−(f(x) + κ(x − m)²/2) / D),

with the temperature D = ηE[ζ²]/2 of small steps, and the mean moves as ṁ = −∫ f′ρ_m = κ(∫ xρ_m − m).
It rests where it is the mean of its own cloud: the self-consistency of Desai & Zwanzig (1978) for
coupled wells, applied to any loss.

A coupling acts through κ = k(1 − ηk/2): on a flat loss, discrete steps hold the agents in a cloud of
variance ηW²/(6κ) around their mean. In small steps noise enters through its temperature ηW²/6 alone,
so whatever the best cloud is, κ* is a function of ηW²: the power of W is twice that of η.

Sec. 4.2 of Boffi & Slotine (2020) assumes noise strong enough that uncoupled agents explore, and lets
the coupling gather them. So its words are held against the cells of the grid where

* the noise *explores*: without coupling, the start and the end of an agent correlate by less than ½;
* the coupling has *room*: the noise of one step, whose variance no coupling can undercut, has at most
  half the variance of the cloud that frees the mean (`freeing_spread`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

import sdeopt as so
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import interval_of
from sdeopt.losses.loss import Loss

Array: TypeAlias = NDArray[np.float64]

POSITIONS = np.linspace(-5.0, 5.0, 801)
"""Where the law of an agent is summed; beyond, the quartic wall leaves nothing."""


def drift_of_mean(loss: Loss, means: Array, coupling: float, temperature: float) -> Array:
    """Return ∫ xρ_m − m, how far the mean of the agents around m lies from m: its drift over κ."""
    x = POSITIONS
    energy = loss.value(x[:, None]) + 0.5 * coupling * (x - means[:, None]) ** 2
    weights = np.exp((energy.min(axis=1, keepdims=True) - energy) / temperature)
    shift: Array = weights @ x / weights.sum(axis=1) - means
    return shift


def settled_means(
    loss: Loss,
    starts: ArrayLike,
    coupling: float,
    temperature: float,
    low: float = -3.0,
    high: float = 3.0,
) -> Array:
    """Return where the mean of infinitely many agents comes to rest, from each of some starts."""
    grid = np.linspace(low, high, 241)
    force = drift_of_mean(loss, grid, coupling, temperature)
    turn = np.flatnonzero(np.signbit(force[1:]) != np.signbit(force[:-1]))
    rests = grid[turn] + (grid[1] - grid[0]) * force[turn] / (force[turn] - force[turn + 1])
    stops = np.concatenate([[low], rests, [high]])
    x = np.asarray(starts, np.float64)
    # A start that rests already is its own next stop on either side.
    above = np.minimum(np.searchsorted(stops, x, side="left"), len(stops) - 1)
    below = np.maximum(np.searchsorted(stops, x, side="right") - 1, 0)
    settled: Array = np.where(np.interp(x, grid, force) > 0, stops[above], stops[below])
    return settled


FACTORS = ("half_width", "step_size", "agent_count")
"""What the best coupling is a product of powers of."""

GOOD = 0.8
"""A coupling is good when the mean descends at least this share of what the best one reaches. The
curves are steep there; at 0.9 some are nearly flat, and the end of the window is left to chance."""

DRAWS = 500
"""Bootstrap samples of a fit; a 95% interval rests on the outer 12 on either side."""

FEWEST = 6
"""Cells for a fit of four numbers."""


def gain(coupling: ArrayLike, step_size: ArrayLike) -> Array:
    """Return κ = k(1 − ηk/2), half the rate at which steps of size η contract the agents' variance."""
    k = np.asarray(coupling, np.float64)
    strength: Array = k * (1.0 - 0.5 * np.asarray(step_size) * k)
    return strength


def window(heights: Array, log_k: Array, place: ArrayLike = 0.5) -> Array:
    """Return the ends of the window of good couplings around the best one."""
    peak = heights.argmax(axis=1)
    poor = heights < GOOD * heights.max(axis=1, keepdims=True)
    index = np.arange(len(log_k))
    below = np.where(poor & (index < peak[:, None]), index, -1).max(axis=1)
    above = np.where(poor & (index > peak[:, None]), index, len(log_k)).min(axis=1)
    spacing = log_k[1] - log_k[0]
    share = np.broadcast_to(place, (2, len(heights)))
    low = np.where(below < 0, -np.inf, log_k[0] + spacing * (below + 1 - share[0]))
    high = np.where(above == len(log_k), np.inf, log_k[0] + spacing * (above - 1 + share[1]))
    return np.stack([low, high])


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the interval."""
        return self.low, self.high

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class Law:
    """κ* = C · product of powers, fitted to the middles of the windows of good couplings."""

    constant: Estimate
    powers: dict[str, Estimate]
    anisotropy: Estimate
    cells: int

    def __str__(self) -> str:
        width, step, agents = (self.powers[name].value for name in FACTORS)
        return f"{self.constant.value:.2g} W^{width:.2f} η^{step:.2f} p^{agents:.2f}"

    def coupling(self, half_width: ArrayLike, step_size: ArrayLike, agents: ArrayLike) -> Array:
        """Return the best coupling of the law, NaN where no stable one is strong enough."""
        eta = np.asarray(step_size, np.float64)
        wanted = self.constant.value * np.ones_like(eta)
        for name, level in zip(FACTORS, (half_width, eta, agents), strict=True):
            wanted = wanted * np.asarray(level, np.float64) ** self.powers[name].value
        room = 1.0 - 2.0 * eta * wanted
        k: Array = np.where(room >= 0, (1.0 - np.sqrt(np.maximum(room, 0))) / eta, np.nan)
        return k


def fit(heights: xr.DataArray, seed: int = 0) -> Law:
    """Fit the power law of the best coupling, with all that makes it uncertain."""
    stacked = heights.transpose("cell", "coupling", "replica")
    cells, _, replicas = stacked.shape
    if cells < FEWEST:
        unknown = Estimate(np.nan, np.nan, np.nan)
        return Law(unknown, dict.fromkeys(FACTORS, unknown), unknown, cells)
    levels = [stacked[name].values for name in FACTORS]
    design = np.column_stack([np.ones(cells), *map(np.log, levels)])
    log_k = np.log(stacked["coupling"].values)
    values = np.where(np.isnan(stacked.values), -np.inf, stacked.values)
    random = np.random.default_rng(seed)
    # A single number of agents leaves the last column constant; least squares then gives it power 0.
    design[:, 3] -= design[:, 3].mean() if np.ptp(design[:, 3]) == 0 else 0.0
    samples = []
    for _ in range(DRAWS):
        mean = values[:, :, random.integers(replicas, size=replicas)].mean(axis=-1)
        middle = window(mean, log_k, random.uniform(size=(2, cells))).mean(axis=0)
        drawn = random.integers(cells, size=cells)
        drawn = drawn[np.isfinite(middle[drawn])]
        samples.append(_regress(design[drawn], middle[drawn]))
    fitted = _regress(design, window(values.mean(axis=-1), log_k).mean(axis=0))
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    constant, *powers, anisotropy = map(Estimate, fitted.tolist(), low.tolist(), high.tolist())
    return Law(constant, dict(zip(FACTORS, powers, strict=True)), anisotropy, cells)


def _regress(design: Array, log_k: Array) -> Array:
    """Return C, the three powers, and the anisotropy."""
    strength = gain(np.exp(log_k), np.exp(design[:, 2]))
    coefficients = np.linalg.lstsq(design, np.log(strength), rcond=None)[0]
    anisotropy = coefficients[1] - 2.0 * coefficients[2]
    return np.array([np.exp(coefficients[0]), *coefficients[1:], anisotropy])


CELL = ("step_size", "half_width", "agent_count")
"""The dimensions of the grid without the coupling."""

LOG_GAIN = np.log(0.1) + np.log(2.0) / 6 * np.arange(54)
"""Where theory looks for the window, in log κ."""

CLEAR = 3.0
"""Standard errors that make a difference clear."""


class Diagram:
    """A phase diagram, analysed as far as is asked: intervals ask little of many halves of it."""

    def __init__(self, result: xr.Dataset) -> None:
        self._result = result
        self._of_some: dict[bytes, Diagram] = {}
        self.drop = (result["start_loss"] - result["lowest_loss"]).item()
        self.start_loss = result["start_loss"].item()
        self.descent: xr.DataArray = (self.start_loss - result["loss"]) / self.drop
        k, eta = self.descent["coupling"], self.descent["step_size"]
        # The grid meets 1/η up to rounding.
        self.usable: xr.DataArray = self.descent.where((k > 0) & (k * eta <= 1 + 1e-9))
        self.freeing = freeing_spread()
        self.step_noise: xr.DataArray = eta * self.descent["half_width"] / np.sqrt(3.0)

    @cached_property
    def best(self) -> xr.DataArray:
        """The best coupling of every cell."""
        return self.usable.mean("replica").fillna(-np.inf).idxmax("coupling")

    @cached_property
    def _at_best(self) -> xr.DataArray:
        return self.descent.sel(coupling=self.best)

    @cached_property
    def _at_strongest(self) -> xr.DataArray:
        stable = self.usable.notnull().any("replica") * self.usable["coupling"]
        return self.usable.sel(coupling=stable.idxmax("coupling"))

    @property
    def value(self) -> xr.DataArray:
        """The descent at the best coupling."""
        return self._at_best.mean("replica")

    @property
    def strongest(self) -> xr.DataArray:
        """The descent at the strongest coupling that each cell can use."""
        return self._at_strongest.mean("replica")

    @cached_property
    def too_little(self) -> xr.DataArray:
        """What no coupling lacks of the best one, in standard errors."""
        return _standard_errors(self._at_best - self.descent.sel(coupling=0.0))

    @cached_property
    def too_much(self) -> xr.DataArray:
        """What the strongest coupling lacks of the best one, in standard errors."""
        return _standard_errors(self._at_best - self._at_strongest)

    @cached_property
    def explores(self) -> xr.DataArray:
        """Where the noise explores."""
        return (self._result["memory"] < 0.5).broadcast_like(self.best)

    @property
    def _has_room(self) -> xr.DataArray:
        room: xr.DataArray = self.step_noise <= self.freeing / np.sqrt(2.0)
        return room

    @cached_property
    def region(self) -> xr.DataArray:
        """Where the noise explores and the coupling has room."""
        return self.explores & self._has_room

    @cached_property
    def is_tight(self) -> xr.DataArray:
        """Where the noise of a step alone is as wide as the cloud may be, or nearly."""
        return self.explores & ~self._has_room & (self.step_noise <= self.freeing)

    def sampled(
        self,
        kind: Callable[..., Claim],
        words: str,
        statistic: Callable[["Diagram"], float],
        *asked: float | str,
    ) -> Claim:
        """Claim something of a number of the diagram, with its interval by halves of the replicas."""

        def of_some(chosen: NDArray[np.int64]) -> float:
            return statistic(self.of_some(chosen))

        replicas = np.arange(self._result.sizes["replica"])
        return kind(words, statistic(self), *asked, interval=interval_of(of_some, replicas))

    def of_some(self, chosen: NDArray[np.int64]) -> "Diagram":
        """Return the diagram of some replicas, made once: all intervals rest on the same halves."""
        key = chosen.tobytes()
        if key not in self._of_some:
            self._of_some[key] = Diagram(self._result.isel(replica=chosen))
        return self._of_some[key]

    @property
    def most_agents(self) -> int:
        """The largest number of agents, where the words of the paper are checked."""
        return int(self.descent["agent_count"].max())

    @cached_property
    def window(self) -> xr.DataArray:
        """The least and the greatest good coupling (``end``) of every cell; NaN off the grid."""
        heights = self.usable.isel(coupling=slice(1, None)).mean("replica").fillna(-np.inf)
        heights = heights.transpose(*CELL, "coupling")
        log_k = np.log(heights["coupling"].values)
        found = window(heights.values.reshape(-1, len(log_k)), log_k)
        return _as_ends(found, heights.isel(coupling=0, drop=True))

    @property
    def middle(self) -> xr.DataArray:
        """The geometric middle of the window: the best coupling, to within what replicas can tell."""
        return self.window.prod("end", skipna=False) ** 0.5

    @property
    def has_law(self) -> xr.DataArray:
        """Which cells take part in the law: in the region, better than either side, window seen."""
        clear = (self.too_little >= CLEAR) & (self.too_much >= CLEAR)
        inside = self.window.notnull().all("end")
        taken: xr.DataArray = (self.region & clear & inside).transpose(*CELL)
        return taken

    def law(self, agents: int | None = None) -> Law:
        """Return the power law of the best coupling, for one number of agents or for all."""
        taken = self.has_law
        if agents is not None:
            taken = taken & (taken["agent_count"] == agents)
        stacked = self.usable.isel(coupling=slice(1, None)).stack(cell=CELL)
        return fit(stacked.isel(cell=taken.values.ravel()))

    @cached_property
    def predicted(self) -> xr.DataArray:
        """The window in κ of infinitely many agents and small steps; nothing is fitted."""
        cells = self.step_noise.transpose(*CELL[:2])
        heat = (cells["step_size"] * cells["half_width"] ** 2 / 6.0).values.ravel().round(9)
        ends = {temperature: self._expected_window(temperature) for temperature in np.unique(heat)}
        return _as_ends(np.array([ends[temperature] for temperature in heat]).T, cells)

    def _expected_window(self, temperature: float) -> Array:
        """Return the ends of a window in log κ, for means that start at 0."""
        heights = (self.start_loss - _settled_losses(temperature)) / self.drop
        return window(heights[None], LOG_GAIN)[:, 0]

    @property
    def measured(self) -> xr.DataArray:
        """The window of good couplings in κ, to compare with `predicted`."""
        eta = self.window["step_size"].broadcast_like(self.window)
        return self.window.copy(data=gain(self.window.values, eta.values))


@cache
def _settled_losses(temperature: float) -> Array:
    """Return the loss of means that start at 0, at rest, over `LOG_GAIN`."""
    well = so.losses.RuggedWell.robust()
    means = [settled_means(well, 0.0, k, temperature) for k in np.exp(LOG_GAIN)]
    return well.value(np.array(means)[:, None])


def _as_ends(log_ends: Array, cells: xr.DataArray) -> xr.DataArray:
    """Return the two ends (2, cells) of windows in the shape of the cells, NaN where infinite."""
    ends = np.exp(np.where(np.isfinite(log_ends), log_ends, np.nan))
    arrays = [cells.copy(data=end.reshape(cells.shape)) for end in ends]
    both: xr.DataArray = xr.concat(arrays, "end")
    return both


def _standard_errors(difference: xr.DataArray) -> xr.DataArray:
    """Return a mean over replicas, which share their noise in the two terms, over its error."""
    error = difference.std("replica", ddof=1) / np.sqrt(difference.sizes["replica"])
    ratio: xr.DataArray = difference.mean("replica") / error.where(error > 0, np.inf)
    return ratio


@cache
def freeing_spread(start: float = 0.0) -> float:
    """Return how wide a Gaussian cloud must be for its mean to slide to the global minimum."""
    well = so.losses.RuggedWell.robust()
    positions = np.linspace(-3.0, 3.0, 2001)[:, None]

    def steepest_rise(spread: float) -> float:
        smooth = well.convolved(so.noise.Gaussian(1.0), scale=spread)
        goal = positions[np.argmin(smooth.value(positions)), 0]
        between = np.linspace(start, goal, 202)[1:-1]
        return float((np.sign(goal - start) * smooth.gradient(between[:, None])).max())

    return float(brentq(steepest_rise, 0.05, 0.7, xtol=1e-6))
