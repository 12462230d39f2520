"""How the cross section of the coupled loss is drawn, in Figs 4 to 6 alike."""

from typing import TYPE_CHECKING

import xarray as xr

from sdeopt import maps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet

__all__ = ["SCALE", "draw_section"]

SCALE = "above its least value (loss units)"
"""What the colours mean, after the name of what is drawn."""


def draw_section(axes: "Axes", section: xr.Dataset, name: str) -> "QuadContourSet":
    """Draw the loss or the convolved loss, above its own least value, on one scale for both.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    section : xarray.Dataset
        With what `sims.models.cross_section.cross_section` returns.
    name : {"loss", "convolved"}
        Which of the two.

    Returns
    -------
    matplotlib.contour.QuadContourSet
        For `sdeopt.maps.colour_scale`.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sdeopt.plotting import grid_of_panels
    >>> from sims.models.cross_section import cross_section
    >>> from sims.drawings.section_maps import draw_section
    >>> section = cross_section(so.losses.CoupledWells(30), so.noise.Uniform(6.5), 0.05)
    >>> figure, panels = grid_of_panels(1, 1)
    >>> draw_section(panels[0, 0], section, "convolved").levels[:3]
    array([0.  , 0.15, 0.3 ])
    """
    plane = section[name].transpose("x2", "x1")
    # The walls are steep: the colours tell apart what lies between the minima of the loss.
    x1, x2, right = section["x1"], section["x2"], section["uncorrupted_minimum"].max()
    inside = section["loss"].where((abs(x1) <= right) & (abs(x2) <= right))
    limits = 0.0, float(inside.max() - section["loss"].min())
    drawn = maps.draw_map(axes, x1, x2, plane - plane.min(), limits=limits)
    axes.set(aspect="equal", xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    return drawn
