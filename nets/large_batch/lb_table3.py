"""Table 3: full-batch gradient descent with noise, for 500 iterations."""

from typing import TYPE_CHECKING

from nets.large_batch.batch_table import NOISY, PLAIN
from nets.large_batch.configuration import DESK, PAPER, QUICK
from nets.large_batch.drawing import draw_curves
from nets.large_batch.full_batch import FullBatch, descended, names_of
from nets.large_batch.lb_fig2 import SHORT
from nets.large_batch.manuscript import MANUSCRIPT
from nets.large_batch.run_curves import curves_of, percent, reaches
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import higher

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

PRINTED = 0.9713
"""The one number of the table."""

SLACK = 0.01
"""How far below it counts as the same: RECONSTRUCTED."""

EARLY = 5
"""The share of the iterations after which Fig. 2 ends, 100 of 500."""


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6 states of the table."""
    noisy, plain = curves_of(result, NOISY), curves_of(result, PLAIN)
    last = noisy.shape[1] - 1
    early = last // EARLY
    return [
        higher(
            f"simulated SGD goes on to improve: its accuracy after {last} iterations is higher "
            f"than after {early} ({percent(noisy[:, -1])} against {percent(noisy[:, early])}; "
            f"without noise, of which the table says nothing, {percent(plain[:, -1])})",
            noisy[:, early],
            noisy[:, -1],
        ),
        reaches(
            f"simulated SGD gets 97.13% right after {last} iterations, less a point",
            noisy[:, -1],
            PRINTED - SLACK,
            "accuracy",
        ),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the test accuracy over the iterations."""
    return draw_curves(result, names_of(result), "iteration (each on all examples)")


experiment = MANUSCRIPT.experiment(
    "lb-table3",
    "MNIST: full-batch gradient descent with noise, for longer",
    "Table 3 and Sec. 6",
    setup=(
        "As Figure 2, five times as long. The paper’s table has one number, with noise; what the "
        "same training does without noise is drawn beside it, and nothing is claimed of it."
    ),
    from_paper=("500 iterations, each on all examples; 97.13% with noise; no training without it",),
    reconstructed=(
        "learning rate 0.01, η = 1 and momentum 0.5, as for Figure 2",
        "the same accuracy = no more than a point below",
        "desk scale: 4,000 examples; quick scale: 40 iterations, with the numbers of Figure 2",
    ),
    quick=FullBatch(**{**QUICK, "epochs": 40, "every": 8}, **SHORT),
    desk=FullBatch(**{**DESK, "train": 4_000, "epochs": 500, "every": 20, "runs": 5}),
    paper=FullBatch(**{**PAPER, "epochs": 500, "every": 5}),
    simulate=descended,
    draw=draw,
    claims=claims,
)
