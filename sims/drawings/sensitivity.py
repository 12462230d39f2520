"""How the sensitivity of the claims of Figs 1 to 3 is drawn."""

from typing import TYPE_CHECKING

import xarray as xr

from sims.analysis.constants import CONSTANTS
from sims.drawings.verdicts import Ladder, draw_verdicts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

FOUND = Ladder("found", "setting of fig1, other couplings: % of means at the minimum", "replicas")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the share of claims that hold, and how often each coupling finds the minimum.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.sensitivity.simulate`.

    Returns
    -------
    matplotlib.figure.Figure
        As from `sims.drawings.verdicts.draw_verdicts`.
    """
    return draw_verdicts(result, CONSTANTS, FOUND)
