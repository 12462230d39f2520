"""The plane on which Figs 4 to 6 show the n-dimensional loss."""

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError

__all__ = ["HELD", "cross_section", "uncorrupted_minima"]

HELD = -1.4
"""Where the cross section holds all coordinates but two."""

EDGE = 2.8
"""The cross section reaches from minus this to this, along each of its two coordinates."""


def cross_section(
    loss: so.losses.CoupledWells, noise: so.noise.Uniform, step_size: float, points: int = 281
) -> xr.Dataset:
    """Return the loss, and the loss convolved with one step's noise, on the cross section.

    Parameters
    ----------
    loss : CoupledWells
        The loss.
    noise : Uniform
        On the gradient.
    step_size : float
        η.
    points : int
        Along a coordinate. The default puts 14 into a wave of the fast cosine.

    Returns
    -------
    xarray.Dataset
        ``loss`` and ``convolved`` along ``x1`` and ``x2``, the first two coordinates, all others
        at `HELD`; ``uncorrupted_minimum`` along ``side``; ``reach``, ηW: how far the noise
        of one step moves an agent along a coordinate.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.models.cross_section import cross_section
    >>> section = cross_section(so.losses.CoupledWells(30), so.noise.Uniform(6.5), step_size=0.05)
    >>> section["uncorrupted_minimum"].values.round(3)
    array([-1.439,  1.389])
    >>> round(section["reach"].item(), 12)
    0.325
    """
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
    """Return the two minima of the loss without its cosines, in every coordinate the same.

    Parameters
    ----------
    loss : CoupledWells
        With a double well in its polynomial.

    Returns
    -------
    list of float
        The left and the right one.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.models.cross_section import uncorrupted_minima
    >>> uncorrupted_minima(so.losses.CoupledWells(2, quartic=1.0, quadratic=-2.0, tilt=0.0))
    [-1.0, 1.0]
    """
    slope = np.polynomial.Polynomial([loss.tilt, 2.0 * loss.quadratic, 0.0, 4.0 * loss.quartic])
    roots = slope.roots()
    if np.iscomplexobj(roots):
        raise InvalidArgumentError(
            f"the polynomial {loss.quartic:g} x⁴ + {loss.quadratic:g} x² + {loss.tilt:g} x has "
            "one minimum only; give a more negative quadratic or a smaller tilt."
        )
    return [float(roots.min()), float(roots.max())]
