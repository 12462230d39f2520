"""Laws of final states, drawn as kernel densities over a one-dimensional loss."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.plot.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


def kernel_density(
    samples: ArrayLike, positions: ArrayLike, bandwidth: float | None = None
) -> Array:
    """Return a Gaussian kernel density estimate.

    Parameters
    ----------
    samples : array_like
        Draws of a scalar; the shape does not matter.
    positions : array_like
        Where to evaluate, evenly spaced and increasing.
    bandwidth : float, optional
        The standard deviation of the kernel; by default Silverman's rule,
        0.9 min(sd, interquartile range / 1.34) n^(−1/5), and at least one spacing.

    Returns
    -------
    numpy.ndarray
        The density at `positions`.

    Notes
    -----
    The samples are counted in bins a quarter of a spacing wide and the counts convolved with the
    kernel, which costs the same for a thousand samples and for a million.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.plot.densities import kernel_density
    >>> x = np.linspace(-1, 1, 201)
    >>> estimate = kernel_density(np.zeros(50), x, bandwidth=0.1)
    >>> bool(abs(estimate.max() * 0.1 * np.sqrt(2 * np.pi) - 1) < 0.01)
    True
    """
    values = np.asarray(samples, dtype=np.float64).ravel()
    x = np.asarray(positions, dtype=np.float64)
    spacing = (x[-1] - x[0]) / (len(x) - 1)
    if not np.allclose(np.diff(x), spacing) or spacing <= 0:
        raise InvalidArgumentError("positions of a density must increase in even steps.")
    width = max(_silverman(values), spacing) if bandwidth is None else bandwidth
    fine = spacing / 4
    margin = int(np.ceil(5 * width / fine))
    # bins centred on the positions and on three points between each two, with room for the tails
    edges = x[0] + fine * (np.arange(-margin, 4 * (len(x) - 1) + margin + 2) - 0.5)
    counts, _ = np.histogram(values, edges)
    offsets = fine * np.arange(-margin, margin + 1)
    kernel = np.exp(-0.5 * (offsets / width) ** 2) / (width * np.sqrt(2 * np.pi))
    smooth: Array = np.convolve(counts / len(values), kernel, mode="valid")
    return smooth[::4]


def to_top(curve: Array) -> Array:
    """Return a density scaled to its highest point; one that is 0 everywhere stays so."""
    return curve / (curve.max() or 1.0)


def _silverman(values: Array) -> float:
    lower, upper = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std()), float(upper - lower) / 1.34)
    return float(0.9 * spread * len(values) ** -0.2)


@dataclass(frozen=True, eq=False)
class Landscape:
    """A one-dimensional loss and its smoothed form, as the backdrop of densities.

    Parameters
    ----------
    position : numpy.ndarray
        Where the two are evaluated, evenly spaced.
    loss, convolved : numpy.ndarray
        Their values there; the smoothed form may be missing.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.plot.densities import Landscape
    >>> x = np.linspace(-2, 2, 401)
    >>> wells = Landscape(x, (x**2 - 1) ** 2 - 0.2 * np.cos(30 * x), (x**2 - 1) ** 2)
    >>> float(wells.normalized(wells.loss).min().round(3))
    0.03
    """

    position: Array
    loss: Array
    convolved: Array | None = None

    @property
    def smoothest(self) -> Array:
        """The smoothed loss, or the loss itself where there is none."""
        return self.loss if self.convolved is None else self.convolved

    def normalized(self, values: Array) -> Array:
        """Return loss values on the scale of a panel; their own scale is omitted.

        The lowest point of both curves comes to 0.03, the highest ripple of the true loss inside
        the wells to 0.92; the outer walls leave the panel.
        """
        smooth = self.smoothest
        wells = smooth <= self._highest_ridge()
        bottom = min(self.loss.min(), smooth.min())
        top = max(self.loss[wells].max(), smooth[wells].max())
        scaled: Array = 0.03 + 0.89 * (values - bottom) / ((top - bottom) or 1.0)
        return scaled

    def _highest_ridge(self) -> float:
        """Return the highest local maximum of the smoothed loss, or its end without one."""
        smooth = self.smoothest
        inner, left, right = smooth[1:-1], smooth[:-2], smooth[2:]
        ridges = inner[(inner > left) & (inner >= right)]
        return float(ridges.max() if len(ridges) else smooth.max())

    def draw_losses(self, axes: "Axes", *, scaled: bool = False) -> None:
        """Draw the curves, in loss units or on the scale of a panel."""
        shown = self.normalized if scaled else np.asarray
        axes.plot(self.position, shown(self.loss), color=COLOURS["loss"], lw=0.9, label="true loss")
        if self.convolved is not None:
            axes.plot(
                self.position,
                shown(self.convolved),
                color=COLOURS["convolved"],
                lw=1.6,
                ls=(0, (5, 1.5)),
                label="loss convolved with noise",
            )

    def draw(
        self, axes: "Axes", agents: ArrayLike, mean: ArrayLike, start: ArrayLike | None = None
    ) -> None:
        """Draw the laws of agents and of their mean over the losses.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            The panel.
        agents, mean : array_like
            Final states over all replicas. Each density is drawn to its own highest point, which
            is written above the panel.
        start : array_like, optional
            The means at the start.
        """
        x = self.position
        of_agents, of_mean = (kernel_density(sample, x) for sample in (agents, mean))
        axes.fill_between(
            x,
            to_top(of_agents),
            color=COLOURS["agents"],
            alpha=0.45,
            lw=0,
            label="agents $x^i$, end",
        )
        self.draw_losses(axes, scaled=True)
        if start is not None:
            of_start = kernel_density(start, x)
            axes.plot(
                x,
                to_top(of_start),
                color=COLOURS["mean"],
                lw=0.9,
                ls=":",
                label="mean $x^\\bullet$, start",
            )
        axes.plot(x, to_top(of_mean), color=COLOURS["mean"], label="mean $x^\\bullet$, end")
        axes.set_title(
            f"peaks: $x^i$ {of_agents.max():.2g}, $x^\\bullet$ {of_mean.max():.2g}",
            loc="right",
            fontsize=7,
        )
        axes.set(xlim=(x[0], x[-1]), ylim=(0, 1.06), yticks=[])
        axes.spines["left"].set_visible(False)
