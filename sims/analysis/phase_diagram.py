"""A phase diagram, analysed: where a best coupling exists, what it is, and what theory expects.

Sec. 4.2 of Boffi & Slotine (2020) assumes noise strong enough that uncoupled agents explore, and lets
the coupling gather them. So its words are held against the cells of the grid where

* the noise *explores*: without coupling, the start and the end of an agent correlate by less than ½;
* the coupling has *room*: the noise of one step, whose variance no coupling can undercut, has at most
  half the variance of the cloud that frees the mean (`freeing_spread`).
"""

from functools import cached_property
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import brentq

import sdeopt as so
from sims.analysis.mean_field import settled_means
from sims.analysis.phase_law import Law, fit, gain, window

__all__ = ["Diagram", "freeing_spread"]

Array: TypeAlias = NDArray[np.float64]

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
        From `sims.phase.simulate`.

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
    >>> from sims.analysis.phase_diagram import freeing_spread
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
