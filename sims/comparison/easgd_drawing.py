"""The picture of Theorem 5.2."""

from typing import TYPE_CHECKING

import xarray as xr

from sims.comparison.sharpened_drawing import TermLine, draw_sharpened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

DISTANCE = r"$\mathsf{E}\,\|(x^\bullet-x^*,\tilde x-x^*)\|$"
LINES: tuple[TermLine, ...] = (
    ("whole", "bound", "distance", "D"),
    ("distortion term", "distortion_bound", "apart", "s"),
    (r"of it $\mathsf{E}\,\|\epsilon\|$: (31)", "felt_bound", "distortion", "v"),
    ("of it the spread: Lemma 3.1", "spread_bound", "spread", "^"),
    ("noise term", "noise_bound", "alone", "o"),
    ("noise term, best metric", "sharp_noise", "alone", "P"),
)


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distance beside Thm 5.2 and sharper bounds, and the tightness of each term.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.easgd.simulate`.

    Returns
    -------
    matplotlib.figure.Figure
        Nine panels.
    """
    return draw_sharpened(result, DISTANCE, LINES)
