"""Figure 4 of Boffi & Slotine (2020): the coupled loss, smoothed, and descended by the mean.

The final loss of the mean over the coupling k is called U-shaped when it falls up to the best k and
rises from there on. It does not quite at the smallest couplings, and that is a claim of its own.
To minimize is to go at least `HALFWAY` down from the loss at the start to the least loss there is.
All couplings see the same noise, so two of them are compared replica by replica.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import ndimage, optimize

import sdeopt as so
from sdeopt.experiment import Claim, Experiment
from sims.coupled import model
from sims.coupled.drawing import draw_descent
from sims.coupled.model import CoupledConfiguration, cross_section, simulate_couplings
from sims.coupled.pairs import smoothed_by_quadrature
from sims.shared import SOURCE, all_reconstructed
from sims.shared.measures import rise, sampled
from sims.shared.panels import check_coupling

Array: TypeAlias = NDArray[np.float64]

SETUP = (
    "(a), (b): the loss, and the loss convolved with the noise ηζ of one step, on a plane: the "
    "first two coordinates vary, all others are held at −1.4. Each is drawn above its least value "
    "there, on one scale. (c): QSGD, xⁱ ← xⁱ − η(∇f(xⁱ) + ζⁱ) + ηk(x• − xⁱ), started uniformly on "
    "[−3, 3]ⁿ, at several couplings k that see the same noise: f(x•), averaged over replicas and "
    "over the steps since the point before, with a band of two standard errors over replicas. (d): "
    "the last point over k, with the same errors."
)

FROM_PAPER = (
    *model.FROM_PAPER,
    "the true loss of the mean against the iteration, averaged over many simulations, for "
    "about ten couplings",
)

RECONSTRUCTED = (
    *model.RECONSTRUCTED,
    "what the words mean in numbers: to minimize = at least half of the way from the loss at "
    "the start to the least loss; a rise or fall = more than three standard errors; much "
    "simpler = a tenth of the local minima; the U may rise by a fifth of its depth at the "
    "smallest couplings, below k = 0.5",
    "panel (d), which the paper does not have",
    "why the U is not strict: without coupling x• stays in the dip of the loss at the origin; "
    "a little coupling moves it out of this dip, onto the ripples around, and no farther",
)

HALFWAY = 0.5
"""The share of the way down that tells success from failure."""

TOLERANCE = 0.2
"""How far the U may rise at the smallest couplings, over its depth."""

FINE_POINTS = 561
"""Along a coordinate, to count minima: finer grids find as many, up to one in a hundred."""


@dataclass(frozen=True, kw_only=True)
class DescentConfiguration(CoupledConfiguration):
    """The size and the couplings of the figure.

    Parameters
    ----------
    smallest_strict : float
        The U-shape is strict from this coupling on.
    interval : int
        Steps between two points of a curve.
    """

    coupling: tuple[float, ...] = (
        *(0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0),
        *(5.0, 6.0, 8.0, 14.0, 20.0),
    )
    smallest_strict: float = 0.5
    interval: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        check_coupling(self.coupling, fewest=2)


PAPER = DescentConfiguration(replicas=500)

QUICK = replace(PAPER, replicas=32)


def simulate(configuration: DescentConfiguration) -> xr.Dataset:
    """Simulate every coupling and follow the loss of the mean."""
    record = so.record.Every(configuration.interval, ("mean",))
    runs = simulate_couplings(configuration, configuration.coupling, record, ["loss_of_mean"])
    return measured(configuration, runs.drop_vars(["mean", "dim"]))


def measured(configuration: DescentConfiguration, runs: xr.Dataset) -> xr.Dataset:
    """Add to the loss of the mean what the claims compare it with."""
    fine = cross_section(
        configuration.loss(), configuration.noise(), configuration.step_size, FINE_POINTS
    )
    return runs.assign(
        loss_minima=count_minima(fine["loss"].values),
        convolved_minima=count_minima(fine["convolved"].values),
        lowest=_lowest(configuration.loss()),
        convolution_error=_convolution_error(configuration),
        smallest_strict=configuration.smallest_strict,
    )


def count_minima(heights: Array) -> int:
    """Return the number of local minima on a grid, its edge left out."""
    around = ndimage.minimum_filter(
        heights, footprint=[[1, 1, 1], [1, 0, 1], [1, 1, 1]], mode="nearest"
    )
    return int((heights < around)[1:-1, 1:-1].sum())


def _lowest(loss: so.losses.CoupledWells) -> float:
    """Return the least loss with all coordinates equal.

    For the numbers of the figure no point lies lower by more than 0.02: nearby, at all coordinates
    -1.4, every cosine has its least term, and the minimum of the polynomials is 0.02 lower there.
    """
    grid = np.linspace(-3.0, 3.0, 1201)
    values = loss.value(np.repeat(grid[:, None], loss.dim, axis=1))
    place = grid[values.argmin()]
    found = optimize.minimize_scalar(
        lambda x: float(loss.value(np.full(loss.dim, x))),
        bounds=(place - 0.01, place + 0.01),
        method="bounded",
    )
    return float(found.fun)


def _convolution_error(configuration: DescentConfiguration) -> float:
    """Return the largest difference between the convolved loss and a quadrature of it."""
    loss, noise, scale = configuration.loss(), configuration.noise(), configuration.step_size
    smooth = loss.convolved(noise, scale=scale)
    points = np.random.default_rng(configuration.seed).uniform(-3.0, 3.0, (5, configuration.dim))
    averages = [smoothed_by_quadrature(loss, noise, scale, point) for point in points]
    return float(np.abs(smooth.value(points) - averages).max())


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of Figure 4, checked."""
    losses, lowest = result["loss_of_mean"], float(result["lowest"])
    final = losses.isel(step=-1)
    smallest = float(result["smallest_strict"])
    couplings = result["coupling"].values
    best = couplings[int(final.mean("replica").argmin("coupling"))]
    failing = [k for k in couplings if k < smallest] + [couplings[-1]]
    return [
        # (a), (b): convolution with the noise of a step removes the spurious minima.
        simpler(int(result["loss_minima"]), int(result["convolved_minima"])),
        Claim.at_most(
            "the closed form of the convolved loss equals its quadrature, at five random points",
            float(result["convolution_error"]),
            1e-10,
            "largest difference",
        ),
        # (c): the final loss falls with the coupling up to the best one, and rises from there on;
        *u_shape(final, smallest),
        # with the best coupling the mean minimizes the loss, with hardly any or too much it fails.
        minimizes(best, losses.sel(coupling=best), lowest, succeeds=True),
        *(minimizes(k, losses.sel(coupling=k), lowest, succeeds=False) for k in failing),
    ]


def simpler(before: int, after: int) -> Claim:
    """Claim that the convolved loss is much simpler than the loss."""
    return Claim.at_most(
        f"the convolved loss is much simpler: {after} local minima on the cross section, where the "
        f"loss has {before}",
        after / max(before, 1),
        0.1,
        "ratio",
    )


def u_shape(final: xr.DataArray, smallest: float) -> list[Claim]:
    """Claim that the final loss is U-shaped over the coupling, with the best one inside."""
    k, losses = final["coupling"].values, final.transpose("coupling", "replica").values
    average = losses.mean(axis=1)
    best = int(average.argmin())
    below = min(_paired(losses[best], losses[end]) for end in (0, -1)) if _inside(best, k) else 0.0
    strict = [index for index, value in enumerate(k) if value == 0.0 or value >= smallest]
    found = [
        Claim.clear(
            f"the best coupling, k = {k[best]:g}, is inside: its loss of {average[best]:.2f} lies "
            f"below those of both ends, {average[0]:.2f} at k = 0, {average[-1]:.2f} at "
            f"k = {k[-1]:g}",
            below,
            1.0,
            what="smaller difference / its standard error",
        ),
        _no_rise(
            f"from k = 0 straight to k = {smallest:g}, and on to the best coupling, no step of k "
            "raises the loss",
            losses[[index for index in strict if index <= best]],
            "largest rise",
        ),
        _no_rise(
            "from the best coupling on, no step of k lowers the loss",
            losses[[index for index in strict if index >= best][::-1]],
            "largest fall",
        ),
    ]
    small = np.flatnonzero((k > 0.0) & (k < smallest))
    return found + [_not_strict(float(k[i]), losses[0], losses[i], losses[best]) for i in small]


def _inside(index: int, values: Array) -> bool:
    return 0 < index < len(values) - 1


def _paired(low: Array, high: Array) -> float:
    """Return how far one loss lies above another, replica by replica, in standard errors."""
    difference, error = rise(np.zeros(len(low)), high - low)
    return difference / error if error > 0 else float(np.nan_to_num(difference * np.inf))


def _no_rise(words: str, losses: Array, what: str) -> Claim:
    """Claim that the loss rises from no coupling to the next, judged by its clearest rise."""
    steps = list(pairwise(losses))
    if not steps:
        return Claim.at_most(words, -np.inf, 0.0, what)
    ends = max(steps, key=lambda step: _paired(*step))
    return sampled(Claim.at_most, words, lambda a, b: b.mean() - a.mean(), ends, 0.0, what)


def _not_strict(k: float, at_zero: Array, here: Array, best: Array) -> Claim:
    """Claim that a small coupling lies above none at all by little."""
    difference = here - at_zero
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return sampled(
        Claim.at_most,
        f"the U is not strict at the smallest couplings, only up to a fifth of its depth: the "
        f"loss at k = {k:g} is that at k = 0 and {difference.mean():+.2f} ± {error:.2f}",
        lambda zero, small, least: (
            (small.mean() - zero.mean()) / max(zero.mean() - least.mean(), 1e-300)
        ),
        [at_zero, here, best],
        TOLERANCE,
        "rise / depth of the U",
    )


def minimizes(k: float, losses: xr.DataArray, lowest: float, *, succeeds: bool) -> Claim:
    """Claim that a coupling minimizes the loss of the mean, or fails to."""
    start, end = (losses.isel(step=step).values for step in (0, -1))
    return sampled(
        Claim.at_least if succeeds else Claim.at_most,
        f"k = {k:g} {'minimizes' if succeeds else 'fails to minimize'} the loss: from "
        f"{start.mean():.2f} to {end.mean():.2f}, where {lowest:.2f} is the least",
        lambda before, after: (before.mean() - after.mean()) / (before.mean() - lowest),
        [start, end],
        HALFWAY,
        "share of the way down",
    )


experiment = Experiment(
    name="fig4",
    title="The coupled loss, its convolution, and the loss of the mean against time",
    source=f"{SOURCE}, Fig. 4 and Sec. 4.3",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_descent,
    claims=claims,
    section="Toy losses",
    headline=all_reconstructed,
)
