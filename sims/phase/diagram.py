"""A phase diagram, analysed: where a best coupling exists, what it is, its power law, the mean-field limit.

For p → ∞ the mean feels no noise of its own. While it moves slowly, the agents around it have the law
of a single particle that is tied to it,

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

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

import sdeopt as so
from sdeopt.losses.loss import Loss

Array: TypeAlias = NDArray[np.float64]

POSITIONS = np.linspace(-5.0, 5.0, 801)
"""Where the law of an agent is summed; beyond, the quartic wall leaves nothing."""


def pull(loss: Loss, means: Array, coupling: float, temperature: float) -> Array:
    """Return ∫ xρ_m − m, the direction in which a cloud drags its mean.

    Parameters
    ----------
    loss : Loss
        In one dimension, confining.
    means : numpy.ndarray
        Values of m.
    coupling : float
        κ > 0.
    temperature : float
        D > 0.

    Returns
    -------
    numpy.ndarray
        One for each mean.

    Examples
    --------
    A cloud on x²/2, tied to m with κ, is centred on κm/(1 + κ).

    >>> import numpy as np
    >>> import sdeopt as so
    >>> from sims.phase.diagram import pull
    >>> pull(so.losses.Quadratic(1.0), np.array([1.0]), coupling=3.0, temperature=0.1).round(6)
    array([-0.25])
    """
    x = POSITIONS
    energy = loss.value(x[:, None]) + 0.5 * coupling * (x - means[:, None]) ** 2
    weights = np.exp((energy.min(axis=1, keepdims=True) - energy) / temperature)
    dragged: Array = weights @ x / weights.sum(axis=1) - means
    return dragged


def settled_means(
    loss: Loss,
    starts: ArrayLike,
    coupling: float,
    temperature: float,
    low: float = -3.0,
    high: float = 3.0,
) -> Array:
    """Return where the mean of infinitely many agents comes to rest, from each of some starts.

    Parameters
    ----------
    loss : Loss
        In one dimension, confining.
    starts : array_like
        Between `low` and `high`.
    coupling : float
        κ > 0.
    temperature : float
        D > 0.
    low, high : float
        No mean is followed farther than this.

    Returns
    -------
    numpy.ndarray
        For each start the next place, in the direction in which its cloud drags it, where a mean
        rests; interpolated on a grid of 240.

    Examples
    --------
    Too weak, right, and too strong a coupling for a start at 0:

    >>> import sdeopt as so
    >>> from sims.phase.diagram import settled_means
    >>> loss = so.losses.RuggedWell.robust()
    >>> [settled_means(loss, 0.0, k, temperature=2 / 3).round(2).item() for k in (0.5, 4.0, 8.0)]
    [0.4, 1.36, 0.02]
    """
    grid = np.linspace(low, high, 241)
    force = pull(loss, grid, coupling, temperature)
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
    """Return κ = k(1 − ηk/2), half the rate at which steps of size η contract the agents' variance.

    Parameters
    ----------
    coupling, step_size : array_like
        k and η.

    Returns
    -------
    numpy.ndarray
        At most 1/(2η), which is reached at k = 1/η: from there on a step overshoots the mean.

    Examples
    --------
    >>> from sims.phase.diagram import gain
    >>> gain([1.0, 20.0, 40.0], 0.05)
    array([ 0.975, 10.   ,  0.   ])
    """
    k = np.asarray(coupling, np.float64)
    strength: Array = k * (1.0 - 0.5 * np.asarray(step_size) * k)
    return strength


def window(heights: Array, log_k: Array, place: ArrayLike = 0.5) -> Array:
    """Return the ends of the window of good couplings around the best one.

    Parameters
    ----------
    heights : numpy.ndarray, shape (cells, couplings)
        The descent reached; −inf where a coupling cannot be used.
    log_k : numpy.ndarray, shape (couplings,)
        The grid, evenly spaced.
    place : array_like
        Where an end lies between the last good coupling (0) and the first that is not (1); of shape
        () or (2, cells).

    Returns
    -------
    numpy.ndarray, shape (2, cells)
        Logarithms of the lower and the upper end; infinite where the grid ends before the window.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.phase.diagram import window
    >>> window(np.array([[0.1, 0.75, 0.9, 0.2, -0.1]]), np.arange(5.0)).ravel()
    array([0.5, 2.5])
    """
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
    """A number with its 95% bootstrap interval.

    Parameters
    ----------
    value, low, high : float
        The estimate and the ends of the interval.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class Law:
    """κ* = C · product of powers, fitted to the middles of the windows of good couplings.

    Parameters
    ----------
    constant : Estimate
        C.
    powers : dict of str to Estimate
        The exponent of each of `FACTORS`.
    anisotropy : Estimate
        The power of W less twice the power of η; 0 where noise acts through ηW² alone.
    cells : int
        How many cells were fitted.
    """

    constant: Estimate
    powers: dict[str, Estimate]
    anisotropy: Estimate
    cells: int

    def __str__(self) -> str:
        width, step, agents = (self.powers[name].value for name in FACTORS)
        return f"{self.constant.value:.2g} W^{width:.2f} η^{step:.2f} p^{agents:.2f}"

    def coupling(self, half_width: ArrayLike, step_size: ArrayLike, agents: ArrayLike) -> Array:
        """Return the best coupling of the law, NaN where no stable one is strong enough.

        Parameters
        ----------
        half_width, step_size, agents : array_like
            W, η and p; they broadcast.

        Returns
        -------
        numpy.ndarray
            k with κ(k) = κ*, below 1/η.
        """
        eta = np.asarray(step_size, np.float64)
        wanted = self.constant.value * np.ones_like(eta)
        for name, level in zip(FACTORS, (half_width, eta, agents), strict=True):
            wanted = wanted * np.asarray(level, np.float64) ** self.powers[name].value
        room = 1.0 - 2.0 * eta * wanted
        k: Array = np.where(room >= 0, (1.0 - np.sqrt(np.maximum(room, 0))) / eta, np.nan)
        return k


def fit(heights: xr.DataArray, seed: int = 0) -> Law:
    """Fit the power law of the best coupling, with all that makes it uncertain.

    Parameters
    ----------
    heights : xarray.DataArray
        The descent in the cells to fit, of dimensions (cell, coupling, replica), with coordinates
        `FACTORS` along ``cell``. NaN excludes a coupling. Both ends of the window must lie inside
        the grid.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Law
        All NaN when there are fewer than six cells.

    Notes
    -----
    Every bootstrap sample draws the replicas anew (the same ones in all cells, which share their
    random numbers), finds the windows again, puts their ends at uniform places between the two
    couplings of the grid that enclose them, and draws the cells anew. So the interval holds the
    Monte Carlo error, the width of the grid and the scatter about the law.
    """
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
    """A phase diagram, analysed.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.phase.experiment.simulate`.

    Attributes
    ----------
    descent : xarray.DataArray
        How far each replica's mean came down: 0 at its start, 1 at the global minimum, NaN where the
        run diverged.
    usable : xarray.DataArray
        `descent` where 0 < k ≤ 1/η, NaN elsewhere: beyond 1/η a step overshoots the mean.
    best, value, strongest : xarray.DataArray
        The best usable coupling of every cell, the descent there, and that at the strongest usable
        coupling, averaged over replicas.
    too_little, too_much : xarray.DataArray
        By how many standard errors it beats k = 0, and the strongest usable coupling.
    step_noise : xarray.DataArray
        The standard deviation of one step's noise, ηW/√3.
    explores, region, is_tight : xarray.DataArray
        Of every cell, whether the noise explores; whether it also leaves the coupling room; whether it
        explores and leaves less room, but any.
    """

    def __init__(self, result: xr.Dataset) -> None:
        self.drop = (result["start_loss"] - result["lowest_loss"]).item()
        self.start_loss = result["start_loss"].item()
        self.descent = (self.start_loss - result["loss"]) / self.drop
        k, eta = self.descent["coupling"], self.descent["step_size"]
        # The grid meets 1/η up to rounding.
        self.usable = self.descent.where((k > 0) & (k * eta <= 1 + 1e-9))
        self.best = self.usable.mean("replica").fillna(-np.inf).idxmax("coupling")
        at_best = self.descent.sel(coupling=self.best)
        self.value = at_best.mean("replica")
        self.too_little = _standard_errors(at_best - self.descent.sel(coupling=0.0))
        at_strongest = _at_strongest(self.usable)
        self.strongest = at_strongest.mean("replica")
        self.too_much = _standard_errors(at_best - at_strongest)
        self.freeing = freeing_spread()
        self.step_noise = eta * self.descent["half_width"] / np.sqrt(3.0)
        self.explores = (result["memory"] < 0.5).broadcast_like(self.best)
        has_room = self.step_noise <= self.freeing / np.sqrt(2.0)
        self.region = self.explores & has_room
        self.is_tight = self.explores & ~has_room & (self.step_noise <= self.freeing)

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
        well = so.losses.RuggedWell.robust()
        means = [settled_means(well, 0.0, k, temperature) for k in np.exp(LOG_GAIN)]
        heights = (self.start_loss - well.value(np.array(means)[:, None])) / self.drop
        return window(heights[None], LOG_GAIN)[:, 0]

    @property
    def measured(self) -> xr.DataArray:
        """The window of good couplings in κ, to compare with `predicted`."""
        eta = self.window["step_size"].broadcast_like(self.window)
        return self.window.copy(data=gain(self.window.values, eta.values))


def _as_ends(log_ends: Array, cells: xr.DataArray) -> xr.DataArray:
    """Return the two ends (2, cells) of windows in the shape of the cells, NaN where infinite."""
    ends = np.exp(np.where(np.isfinite(log_ends), log_ends, np.nan))
    arrays = [cells.copy(data=end.reshape(cells.shape)) for end in ends]
    both: xr.DataArray = xr.concat(arrays, "end")
    return both


def _at_strongest(usable: xr.DataArray) -> xr.DataArray:
    """Return the heights at the strongest coupling that each cell can use."""
    strongest = (usable.notnull().any("replica") * usable["coupling"]).idxmax("coupling")
    return usable.sel(coupling=strongest)


def _standard_errors(difference: xr.DataArray) -> xr.DataArray:
    """Return a mean over replicas, which share their noise in the two terms, over its error."""
    error = difference.std("replica", ddof=1) / np.sqrt(difference.sizes["replica"])
    ratio: xr.DataArray = difference.mean("replica") / error.where(error > 0, np.inf)
    return ratio


def freeing_spread(start: float = 0.0) -> float:
    """Return how wide a Gaussian cloud must be for its mean to slide to the global minimum.

    Parameters
    ----------
    start : float
        Where the mean begins.

    Returns
    -------
    float
        The least standard deviation s at which the loss convolved with N(0, s²) falls all the way
        from `start` to its global minimum: nothing is fitted.

    Examples
    --------
    >>> from sims.phase.diagram import freeing_spread
    >>> round(freeing_spread(), 3)
    0.414
    """
    well = so.losses.RuggedWell.robust()
    positions = np.linspace(-3.0, 3.0, 2001)[:, None]

    def steepest_rise(spread: float) -> float:
        smooth = well.convolved(so.noise.Gaussian(1.0), scale=spread)
        goal = positions[np.argmin(smooth.value(positions)), 0]
        between = np.linspace(start, goal, 202)[1:-1]
        return float((np.sign(goal - start) * smooth.gradient(between[:, None])).max())

    return float(brentq(steepest_rise, 0.05, 0.7, xtol=1e-6))
