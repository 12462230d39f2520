"""Final points on the cross section of the coupled loss: what Figs 5 and 6 have in common."""

from dataclasses import dataclass

import xarray as xr

import sdeopt as so
from sims.coupled.model import CoupledConfiguration, simulate_couplings
from sims.shared.panels import check_range, roles, with_roles

SETUP = (
    "QSGD, xⁱ ← xⁱ − η(∇f(xⁱ) + ζⁱ) + ηk(x• − xⁱ), on an n-dimensional loss of double wells with "
    "ripples in the sum of every two coordinates. Every replica starts its agents uniformly on "
    "[−3, 3]ⁿ and runs with constant step size and fresh uniform noise; the panels differ in the "
    "coupling k only and see the same noise. Points are projected on the first two coordinates and "
    "drawn over the loss convolved with ηζ, on the cross section that holds all other coordinates "
    "at −1.4. The other coordinates of a point are elsewhere, mostly: the ground is a map of the "
    "minima, not of the loss of the points. The claims count pairs of coordinates, all of them, "
    "since every two are alike."
)

RECONSTRUCTED = (
    "the couplings of the panels, so that each shows what the text says of it: none, too little, "
    "two good ones of which one leaves stragglers, merging, and too much",
    "what the words mean in numbers: near = within r = ηW, the reach of one step’s noise, along both "
    "coordinates; where a point belongs = in which basin of the convolved loss; are = at least 90% "
    "of pairs; a populated cluster = at least 5%; more = by at least three standard errors",
    "whether the paper draws over the loss or over its convolution; the convolution, here",
)
"""Beside what `sims.coupled.model` says."""


@dataclass(frozen=True, kw_only=True)
class FinalPointsConfiguration(CoupledConfiguration):
    """The size and the couplings of Figs 5 and 6.

    Parameters
    ----------
    middle : tuple of float
        The least and the greatest coupling with which agents and means find the four minima, in the
        claims. Those below are small.
    strong : float
        From the middle up to this coupling the clusters merge. Those above it are large.
    """

    coupling: tuple[float, ...] = (0.0, 0.5, 2.0, 4.0, 5.0, 20.0)
    middle: tuple[float, float] = (2.0, 4.0)
    strong: float = 5.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("middle", self.middle)

    def roles(self) -> dict[float, str]:
        """Return the part that each coupling plays."""
        return roles(self.coupling, self.middle, self.strong)


def simulate_points(configuration: FinalPointsConfiguration, variable: str) -> xr.Dataset:
    """Simulate every coupling of a figure."""
    kept = so.record.End((variable,))
    runs = simulate_couplings(configuration, configuration.coupling, kept)
    return with_roles(runs, configuration.roles())
