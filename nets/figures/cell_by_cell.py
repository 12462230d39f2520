"""Table 1 cell by cell, next to the paper's numbers.

The paper's least test losses are no mean cross-entropies: 6.91, where 90% of the images are wrong, is
three times ln 10, so that columns 5 and 6 are three times the mean, and those of columns 1 to 4 are
about a third larger again at the same errors. Divided by 3 and by 4 they are compared. Blocks are read
as learning rates and columns as momenta, both rising: their values are lost in our text.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from nets.figures.judging import Array, correlation, judge_of, percent
from nets.figures.single_claims import least
from sdeopt.experiment import Claim

METHODS = ("EASGD-WM", "EASGD", "MSGD")

LOSSES = np.array(
    [
        [[4.25, 4.26, 4.28, 4.29, 3.22, 3.24], [4.72, 4.83, 4.56, 4.28, 3.17, 3.11],
         [4.75, 4.87, 4.64, 4.33, 3.21, 3.29]],
        [[4.09, 5.15, 4.03, 4.12, 3.15, 3.10], [4.57, 5.75, 4.27, 4.14, 3.04, 3.22],
         [4.59, 5.81, 4.48, 4.46, 3.22, 3.33]],
        [[3.95, 3.96, 3.86, 3.97, 3.07, 3.00], [4.41, 4.27, 4.05, 4.06, 3.19, 4.04],
         [4.46, 4.57, 4.48, 4.43, 3.21, 6.91]],
        [[4.08, 4.01, 4.04, 4.05, 3.11, 3.15], [4.24, 4.23, 4.14, 4.13, 3.17, 6.91],
         [4.62, 4.55, 4.22, 4.47, 3.38, 6.91]],
    ]
)  # fmt: skip
"""The paper's least test losses: blocks, methods, columns."""

ERRORS = np.array(
    [
        [[0.267, 0.266, 0.264, 0.269, 0.268, 0.270], [0.304, 0.313, 0.301, 0.282, 0.280, 0.277],
         [0.310, 0.323, 0.306, 0.286, 0.292, 0.295]],
        [[0.262, 0.259, 0.253, 0.261, 0.267, 0.257], [0.297, 0.300, 0.280, 0.275, 0.263, 0.283],
         [0.300, 0.307, 0.294, 0.294, 0.287, 0.301]],
        [[0.252, 0.258, 0.250, 0.255, 0.262, 0.253], [0.286, 0.283, 0.265, 0.267, 0.276, 0.417],
         [0.294, 0.307, 0.295, 0.290, 0.292, 0.900]],
        [[0.267, 0.264, 0.268, 0.265, 0.268, 0.269], [0.282, 0.283, 0.277, 0.272, 0.280, 0.900],
         [0.288, 0.307, 0.287, 0.288, 0.301, 0.900]],
    ]
)  # fmt: skip
"""The paper's least test errors, likewise."""

TIMES = np.array([4.0, 4.0, 4.0, 4.0, 3.0, 3.0])
"""What the losses of each column are divided by."""

LOST = 0.4
"""An error from which on a training of the paper did not converge."""


def comparable(grid: xr.Dataset) -> bool:
    """Return whether a grid has as many learning rates and momenta as the paper's table."""
    blocks, _, columns = ERRORS.shape
    return (grid.sizes["learning_rate"], grid.sizes["momentum"]) == (blocks, columns)


def every_cell(grid: xr.Dataset) -> list[Claim]:
    """Claim of every cell that the methods stand in the paper's order, by their least test error."""
    errors, judge = least(grid, "error"), judge_of(grid)
    found = []
    for block, rate in enumerate(grid["learning_rate"].values.tolist()):
        for column, momentum in enumerate(grid["momentum"].values.tolist()):
            cell = errors.sel(learning_rate=rate, momentum=momentum)
            for better, worse in (("EASGD-WM", "EASGD"), ("EASGD", "MSGD")):
                told = [
                    percent(ERRORS[block, METHODS.index(name), column]) for name in (better, worse)
                ]
                found.append(
                    judge.higher(
                        f"η = {rate:g}, δ = {momentum:g}: {worse} has a larger least test error than "
                        f"{better} (in the paper {told[1]} against {told[0]})",
                        *(cell.sel(optimizer=name).values for name in (better, worse)),
                    )
                )
    return found


def as_in_the_paper(grid: xr.Dataset) -> list[Claim]:
    """Claim that what EASGD-WM gains on the others rises and falls over the cells as in the paper."""
    converged = ERRORS < LOST
    return [
        _along(grid, "error", ERRORS, converged, "least test error"),
        _along(grid, "loss", LOSSES / TIMES, converged, "least test loss, the paper’s rescaled"),
    ]


def _along(
    grid: xr.Dataset, name: str, told: Array, converged: NDArray[np.bool_], words: str
) -> Claim:
    grids = least(grid, name).transpose("run", "learning_rate", "optimizer", "momentum")
    ours: Array = grids.sel(optimizer=list(METHODS)).values
    # of EASGD and MSGD, beyond EASGD-WM in the same cell; where the paper's converged
    wanted = (converged[:, 1:] & converged[:, :1]).ravel()
    theirs = (told[:, 1:] - told[:, :1]).ravel()[wanted]
    gains = (ours[:, :, 1:] - ours[:, :, :1]).reshape(len(ours), -1)[:, wanted]
    scale = float(np.mean(theirs)), float(np.mean(gains))
    own = np.array([correlation(each, theirs) for each in gains])
    shown = (
        f"{percent(scale[1])} here, {percent(scale[0])} there"
        if name == "error"
        else f"{scale[1]:.3f} here, {scale[0]:.3f} there"
    )
    return judge_of(grid).rises(
        f"what the others have beyond EASGD-WM in {words}, rises and falls over the cells as in the "
        f"paper (on average {shown}; correlation {own.mean():.2f})",
        np.zeros(len(own)),
        own,
        what="correlation",
    )
