"""How the sensitivity of the claims of Figs 4 to 6 is drawn."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.analysis.constants import COUPLED_CONSTANTS
from sims.drawings.verdicts import Ladder, draw_verdicts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]

COVERED = Ladder("covered", "fig4, every coupling: % of the way down", "the way")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the share of claims that hold, and how well each coupling of Figure 4 does.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.sensitivity_coupled.simulate`.

    Returns
    -------
    matplotlib.figure.Figure
        As from `sims.drawings.verdicts.draw_verdicts`, the best couplings framed.
    """
    figure = draw_verdicts(result, COUPLED_CONSTANTS, COVERED)
    after = result[["covered", "best"]].stack(row=("constant", "change"))
    covered = np.vstack([result["before_covered"], after["covered"].transpose("row", "ladder")])
    best = np.append(result["before_best"], after["best"])
    # The last axes are those of the scale.
    _frame(figure.axes[-2], covered.argmax(axis=1).tolist(), best.tolist())
    return figure


def _frame(axes: "Axes", places: list[int], best: list[float]) -> None:
    """Frame the best coupling of each row, and name it at the right end of the row."""
    from matplotlib.patches import Rectangle

    from sdeopt.plotting import COLOURS

    right = axes.get_xlim()[1] + 0.3
    for row, (place, coupling) in enumerate(zip(places, best, strict=True)):
        corner = (place - 0.5, row - 0.5)
        axes.add_patch(
            Rectangle(corner, 1, 1, fill=False, ec=COLOURS["accent"], lw=1.5, clip_on=False)
        )
        axes.text(right, row, f"{coupling:g}", va="center", fontsize=7)
    axes.text(right, -0.7, "best $k$", va="bottom", fontsize=7)
