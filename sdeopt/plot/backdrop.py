"""The loss that a picture is drawn over: a section of it along one coordinate or two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, finite_array, intervals
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.plot.canvas import needs_matplotlib, panel
from sdeopt.plot.densities import Landscape
from sdeopt.plot.maps import colour_scale, draw_map
from sdeopt.plot.states import shown_dims
from sdeopt.plot.style import house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet

POSITIONS = 2001
"""Along one coordinate; a picture is a thousand dots wide."""
MESH = 161
"""Along each of two coordinates."""
MARGIN = 0.15
"""How far a picture reaches beyond the points in it, as a share of their range."""
TAILS = 0.005
"""The share of points at either end that may lie outside a picture."""
CUT = 0.75
"""The share of a map that its colours tell apart; walls and peaks beyond have the last colour."""


@dataclass(frozen=True, eq=False)
class Backdrop:
    """A loss, and perhaps its smoothed form, over one or two of its coordinates.

    Parameters
    ----------
    loss, convolved : Loss
        What is drawn.
    dims : tuple of int
        The coordinates that vary.
    box : numpy.ndarray, shape (len(dims), 2)
        From where to where.
    at : numpy.ndarray, shape (dim,)
        The values of the others.
    """

    loss: Loss
    convolved: Loss | None
    dims: tuple[int, ...]
    box: Array
    at: Array

    @classmethod
    def of(
        cls,
        loss: object,
        convolved: object = None,
        *,
        box: ArrayLike | None = None,
        dims: Sequence[int] | None = None,
        at: ArrayLike | None = None,
        points: Array | None = None,
        tails: float = TAILS,
    ) -> "Backdrop":
        """Return the backdrop that is asked for; its box and point may come from points in it."""
        for name, given in (("loss", loss), ("convolved", convolved)):
            if not (isinstance(given, Loss) or (given is None and name == "convolved")):
                raise InvalidArgumentError(
                    f"{name} must be a loss of so.losses, got {type(given).__name__}."
                )
        assert isinstance(loss, Loss)
        smooth = convolved if isinstance(convolved, Loss) else None
        wrong = [one.dim for one in (smooth,) if one is not None and one.dim != loss.dim]
        if points is not None and points.shape[1] != loss.dim:
            wrong.append(points.shape[1])
        if wrong:
            raise InvalidArgumentError(
                f"the loss has {loss.dim} coordinates, and what is drawn with it has {wrong[0]}; "
                "give the loss of the run."
            )
        shown = shown_dims(dims, loss.dim)
        if at is None:
            point = np.zeros(loss.dim) if points is None else np.median(points, axis=0)
        else:
            point = finite_array(at, "at")
            if point.shape != (loss.dim,):
                raise InvalidArgumentError(
                    f"at has shape {point.shape}, but must be a point of {loss.dim} coordinates."
                )
        return cls(loss, smooth, shown, _box(box, shown, points, tails), point)

    @property
    def flat(self) -> bool:
        """Whether two coordinates vary."""
        return len(self.dims) == 2

    def axes_of(self, resolution: int) -> list[Array]:
        """Return evenly spaced positions along each coordinate."""
        return [np.linspace(low, high, resolution) for low, high in self.box]

    def values(self, loss: Loss, positions: Sequence[Array]) -> Array:
        """Return a loss on the grid of some positions, the second coordinate first."""
        grids = np.meshgrid(*positions)
        points = np.broadcast_to(self.at, (*grids[0].shape, self.loss.dim)).copy()
        for place, grid in zip(self.dims, grids, strict=True):
            points[..., place] = grid
        return loss.value(points)

    def curves(self) -> Landscape:
        """Return the losses along one coordinate."""
        (x,) = self.axes_of(POSITIONS)
        smooth = self.values(self.convolved, [x]) if self.convolved is not None else None
        return Landscape(x, self.values(self.loss, [x]), smooth)

    def draw(self, axes: "Axes") -> "QuadContourSet | None":
        """Draw the loss: a curve, or a map with the smoothed loss as lines on it; return the map."""
        if not self.flat:
            curves = self.curves()
            curves.draw_losses(axes)
            axes.set_xlim(*self.box[0].tolist())
            axes.set_xlabel(self.name(0))
            return None
        x, y = self.axes_of(MESH)
        values = self.values(self.loss, [x, y])
        low = float(values.min())
        drawn = draw_map(axes, x, y, values, limits=(low, float(np.quantile(values, CUT))))
        if self.convolved is not None:
            smooth = self.values(self.convolved, [x, y])
            steps = np.linspace(smooth.min(), np.quantile(smooth, CUT), 9)[1:]
            axes.contour(x, y, smooth, steps, colors="white", linewidths=0.9, linestyles="dashed")
            axes.plot([], [], color="0.6", ls="--", lw=0.9, label="loss convolved with noise")
        axes.set(xlim=x[[0, -1]], ylim=y[[0, -1]], xlabel=self.name(0), ylabel=self.name(1))
        return drawn

    def name(self, place: int) -> str:
        """Return what an axis is called."""
        return f"$x_{self.dims[place] + 1}$" if self.loss.dim > 1 else "parameter $x$"


def _box(box: ArrayLike | None, dims: tuple[int, ...], points: Array | None, tails: float) -> Array:
    if box is None:
        if points is None:
            raise InvalidArgumentError(
                "box is missing: give the range of the picture, as in (-3, 3), or "
                "((-3, 3), (-2, 2)) where it is another one in each coordinate."
            )
        chosen = points[:, list(dims)]
        low, high = np.quantile(chosen, [tails, 1 - tails], axis=0)
        # all points may be one
        margin = np.maximum(MARGIN * (high - low), 1e-3 * np.maximum(abs(low), abs(high)) + 1e-9)
        return np.stack([low - margin, high + margin], axis=1)
    return intervals(box, "box", len(dims))


def explain_colours(drawn: "QuadContourSet", panels: "Sequence[Axes]") -> None:
    """Put the scale of a map beside the panels that share it."""
    figure: Any = panels[0].get_figure(root=True)
    colour_scale(figure, drawn, np.array(panels, object), "loss (loss units)")


def landscape(
    loss: Loss,
    box: ArrayLike,
    convolved: Loss | None = None,
    *,
    dims: Sequence[int] | None = None,
    at: ArrayLike | None = None,
    axes: "Axes | None" = None,
) -> "Axes":
    """Draw a loss: a curve over one coordinate, a map over two.

    Parameters
    ----------
    loss : Loss
        What is drawn.
    box : array_like
        ``(low, high)``, one for all coordinates or one for each, in parameter units.
    convolved : Loss, optional
        Its smoothed form, ``loss.convolved(noise, scale=step_size)``: a second curve, or dashed
        white lines on the map.
    dims : sequence of int, optional
        The one or two coordinates that vary; by default the first two.
    at : array_like, shape (dim,), optional
        The point through which the section goes; by default the origin.
    axes : matplotlib.axes.Axes, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The panel; ``axes.figure.savefig("loss.png")`` writes it.

    Raises
    ------
    InvalidArgumentError
        If the box, the coordinates or the losses do not fit each other, or matplotlib is missing.

    Examples
    --------
    >>> import sdeopt as so
    >>> axes = so.plot.landscape(so.losses.Rosenbrock(), ((-2, 2), (-1, 3)))
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('$x_1$', '$x_2$')
    """
    needs_matplotlib()
    backdrop = Backdrop.of(loss, convolved, box=box, dims=dims, at=at)
    with house_style():
        chosen = panel(axes)
        drawn = backdrop.draw(chosen)
        if drawn is None:
            chosen.set_ylabel("loss (loss units)")
        else:
            explain_colours(drawn, [chosen])
        if convolved is not None:
            chosen.legend(loc="upper right", frameon=backdrop.flat, fontsize=7)
    return chosen
