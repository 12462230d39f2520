"""The picture of Theorem 5.3."""

from typing import TYPE_CHECKING

import xarray as xr

from sims.comparison.sharpened_drawing import TermLine, draw_sharpened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

DISTANCE = r"$\mathsf{E}\,\|(x^\bullet-x^*,v^\bullet)\|$"
LINES: tuple[TermLine, ...] = (
    ("whole", "bound", "distance", "D"),
    ("distortion term", "distortion_bound", "apart", "s"),
    (r"of it $\mathsf{E}\,\|\epsilon\|$", "felt_bound", "distortion", "v"),
    ("of it the spread: Lemma 3.2", "spread_bound", "spread", "^"),
    ("noise term", "noise_bound", "alone", "o"),
    ("noise term, best metric", "sharp_noise", "alone", "P"),
)


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distance beside Thm 5.3 and sharper bounds, and the tightness of each term.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.momentum.simulate`.

    Returns
    -------
    matplotlib.figure.Figure
        Nine panels.
    """
    return draw_sharpened(result, DISTANCE, LINES)
