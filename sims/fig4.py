"""Figure 4 of Boffi & Slotine (2020): the coupled loss, smoothed, and descended by the mean."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import optimize

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment
from sims.analysis.smoothed_pairs import smoothed_by_quadrature
from sims.claims import descent as descent_claims
from sims.drawings.descent import draw
from sims.models import coupled
from sims.models.coupled import CoupledConfiguration, check_couplings
from sims.models.cross_section import cross_section
from sims.models.rugged import SOURCE

__all__ = ["DescentConfiguration", "claims", "experiment", "measured", "simulate"]


@dataclass(frozen=True, kw_only=True)
class DescentConfiguration(CoupledConfiguration):
    """The size and the couplings of the figure.

    Parameters
    ----------
    couplings : tuple of float
        The couplings k beside 0, rising.
    smallest_strict : float
        The U-shape is strict from this coupling on.
    interval : int
        Steps between two points of a curve.
    """

    couplings: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 14.0, 20.0)
    smallest_strict: float = 0.5
    interval: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        check_couplings(self.all_couplings())
        if list(self.all_couplings()) != sorted(self.all_couplings()) or not self.couplings:
            raise InvalidArgumentError(
                f"couplings are {self.couplings}; give one or more, positive and rising."
            )

    def all_couplings(self) -> tuple[float, ...]:
        """Return the couplings with 0 before them."""
        return (0.0, *self.couplings)


FINE_POINTS = 561
"""Along a coordinate, to count minima: finer grids find as many, up to one in a hundred."""

QUICK = DescentConfiguration(replicas=32)
PAPER = DescentConfiguration(replicas=500)


def simulate(configuration: DescentConfiguration) -> xr.Dataset:
    """Simulate every coupling and follow the loss of the mean.

    Parameters
    ----------
    configuration : DescentConfiguration
        Sizes, noise, loss and couplings.

    Returns
    -------
    xarray.Dataset
        ``loss_of_mean`` (coupling, step, replica), at each step averaged over the interval before
        it (at step 0: of the start); ``lowest``, the least loss; the cross sections, with the
        numbers of their minima; and ``convolution_error``.
    """
    record = so.record.Every(configuration.interval, ("mean",))
    couplings = configuration.all_couplings()
    runs = coupled.simulate_couplings(configuration, couplings, record, ["loss_of_mean"])
    return measured(configuration, runs.drop_vars(["mean", "dim"]))


def measured(configuration: DescentConfiguration, runs: xr.Dataset) -> xr.Dataset:
    """Add to the loss of the mean what the claims compare it with.

    Parameters
    ----------
    configuration : DescentConfiguration
        Of the figure.
    runs : xarray.Dataset
        From `sims.models.coupled.simulate_couplings`, with ``loss_of_mean`` at all its couplings.

    Returns
    -------
    xarray.Dataset
        As from `simulate`, at the steps of `runs`.
    """
    fine = cross_section(
        configuration.loss(), configuration.noise(), configuration.step_size, FINE_POINTS
    )
    return runs.assign(
        loss_minima=descent_claims.count_minima(fine["loss"].values),
        convolved_minima=descent_claims.count_minima(fine["convolved"].values),
        lowest=_lowest(configuration.loss()),
        convolution_error=_convolution_error(configuration),
        smallest_strict=configuration.smallest_strict,
    )


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
    """Return what Sec. 4.3 says of the figure, checked.

    Parameters
    ----------
    result : xarray.Dataset
        From `simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        In the order of the panels.
    """
    losses, lowest = result["loss_of_mean"], float(result["lowest"])
    final = losses.isel(step=-1)
    smallest = float(result["smallest_strict"])
    couplings = result["coupling"].values
    best = couplings[int(final.mean("replica").argmin("coupling"))]
    failing = [k for k in couplings if k < smallest] + [couplings[-1]]
    return [
        descent_claims.simpler(int(result["loss_minima"]), int(result["convolved_minima"])),
        Claim.at_most(
            "the closed form of the convolved loss equals its quadrature, at five random points",
            float(result["convolution_error"]),
            1e-10,
            "largest difference",
        ),
        *descent_claims.u_shape(final, smallest),
        descent_claims.minimizes(best, losses.sel(coupling=best), lowest, succeeds=True),
        *(
            descent_claims.minimizes(k, losses.sel(coupling=k), lowest, succeeds=False)
            for k in failing
        ),
    ]


experiment = Experiment(
    name="fig4",
    title="The coupled loss, its convolution, and the loss of the mean against time",
    source=f"{SOURCE}, Fig. 4 and Sec. 4.3",
    setup=(
        "(a), (b): the loss, and the loss convolved with the noise ηζ of one step, on a plane: the "
        "first two coordinates vary, all others are held at −1.4. Each is drawn above its least "
        "value there, on one scale. "
        "(c): QSGD, xⁱ ← xⁱ − η(∇f(xⁱ) + ζⁱ) + ηk(x• − xⁱ), started uniformly on [−3, 3]ⁿ, at "
        "several couplings k that see the same noise: f(x•), averaged over replicas and over the "
        "steps since the point before, with a band of two standard errors over replicas. (d): the "
        "last point over k, with the same errors."
    ),
    from_paper=(
        *coupled.FROM_PAPER,
        "the true loss of the mean against the iteration, averaged over many simulations, for "
        "about ten couplings",
    ),
    reconstructed=(
        *coupled.RECONSTRUCTED,
        "what the words mean in numbers: to minimize = at least half of the way from the loss at "
        "the start to the least loss; a rise or fall = more than three standard errors; much "
        "simpler = a tenth of the local minima; the U may rise by a fifth of its depth at the "
        "smallest couplings, below k = 0.5",
        "panel (d), which the paper does not have",
        "why the U is not strict: without coupling x• stays in the dip of the loss at the origin; "
        "a little coupling moves it out of this dip, onto the ripples around, and no farther",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Toy losses",
)
