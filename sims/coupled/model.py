"""The n-dimensional coupled loss of Sec. 4.3 and its cross section: what Figs 4 to 6 have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.record import Record
from sims.shared.wells import WellsConfiguration, side_by_side

FROM_PAPER = (
    "a separable sum of double wells with pairwise sinusoidal coupling between all coordinates, "
    "eq. (44)",
    "independent noise on every gradient, drawn anew for every agent and step; agents started "
    "uniformly on an interval in every coordinate; a constant step size",
    "the cross section: two coordinates vary, the others are held at one value near the global "
    "minimum of the uncorrupted loss, which is the loss without its cosines",
    "the claims, from the words of Sec. 4.3",
)

RECONSTRUCTED = (
    "the form of eq. (44), which the stored text lost: quartic wells, and cosines in the sum of every "
    "two coordinates",
    "the iteration: the paper takes the vector forms of (42) and (43), which are those of Figure 3, "
    "with a momentum that the text lost; here it is 0, and the iteration that of Figure 1",
    "every number of the loss: f(x) = 0.05 [Σᵢ (xᵢ⁴ − 4xᵢ² + 0.4xᵢ) − (1/30) Σ (5 cos w(xᵢ + xⱼ) + "
    "cos 5w(xᵢ + xⱼ))], the second sum over all pairs i < j, with w = 2π/1.4 and n = 30; the stored "
    "text of the paper lost them, and these were searched so that its words hold",
    "the law of the noise and its half-width, interval of the start, number of agents, step size, "
    "number of steps and the couplings, for the same reason",
    "where the cross section is taken: the first two coordinates vary, the others are held at −1.4; "
    "the loss does not change when coordinates are permuted, so every two are like the first two",
    "λ̄, the supremum of the largest eigenvalue of −∇²f, is 59 here, above every coupling, so no "
    "bound of Sec. 3 covers these runs",
)


HELD = -1.4
"""Where the cross section holds all coordinates but two."""

EDGE = 2.8
"""The cross section reaches from minus this to this, along each of its two coordinates."""


def cross_section(
    loss: so.losses.CoupledWells, noise: so.noise.Uniform, step_size: float, points: int = 281
) -> xr.Dataset:
    """Return the loss, and the loss convolved with one step's noise, on the cross section."""
    position = np.linspace(-EDGE, EDGE, points)
    grid = np.full((points, points, loss.dim), HELD)
    grid[..., 0], grid[..., 1] = np.meshgrid(position, position, indexing="ij")
    plane = ("x1", "x2")
    return xr.Dataset(
        {
            "loss": (plane, loss.value(grid)),
            "convolved": (plane, loss.convolved(noise, scale=step_size).value(grid)),
            "uncorrupted_minimum": ("side", uncorrupted_minima(loss)),
            "reach": step_size * noise.half_width,
        },
        coords={"x1": position, "x2": position, "side": ["left", "right"]},
    )


def uncorrupted_minima(loss: so.losses.CoupledWells) -> list[float]:
    """Return the two minima of the loss without its cosines, in every coordinate the same."""
    slope = np.polynomial.Polynomial([loss.tilt, 2.0 * loss.quadratic, 0.0, 4.0 * loss.quartic])
    roots = slope.roots()
    if np.iscomplexobj(roots):
        raise InvalidArgumentError(
            f"the polynomial {loss.quartic:g} x⁴ + {loss.quadratic:g} x² + {loss.tilt:g} x has "
            "one minimum only; give a more negative quadratic or a smaller tilt."
        )
    return [float(roots.min()), float(roots.max())]


@dataclass(frozen=True, kw_only=True)
class CoupledConfiguration(WellsConfiguration):
    """The size, the constants and the couplings of a figure on the coupled loss.

    Parameters
    ----------
    dim : int
        n, the number of coordinates.
    """

    agents: int = 50
    steps: int = 5_000
    step_size: float = 0.05
    half_width: float = 6.5
    dim: int = 30
    quartic: float = 0.05
    quadratic: float = -0.2
    tilt: float = 0.02
    amplitudes: tuple[float, ...] = (-0.25, -0.05)
    frequencies: tuple[float, ...] = (2.0 * np.pi / 1.4, 10.0 * np.pi / 1.4)

    def loss(self) -> so.losses.CoupledWells:
        """Return the loss."""
        return so.losses.CoupledWells(
            self.dim,
            self.quartic,
            self.quadratic,
            self.tilt,
            amplitudes=self.amplitudes,
            frequencies=self.frequencies,
        )


def simulate_couplings(
    configuration: CoupledConfiguration,
    coupling: Sequence[float],
    record: Record,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Simulate QSGD at several couplings, and lay the cross sections beside it."""
    runs = [
        configuration.run(so.QSGD(k), record, statistics=statistics).drop_vars(
            ["diverged_at", "time", "iteration"], errors="ignore"
        )
        for k in coupling
    ]
    section = cross_section(configuration.loss(), configuration.noise(), configuration.step_size)
    return side_by_side(configuration, coupling, runs).merge(section)
