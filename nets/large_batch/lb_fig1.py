"""Figure 1: the test accuracy of a large batch oscillates without noise, and with it does not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nets.large_batch.batch_table import NOISY, PLAIN
from nets.large_batch.configuration import DESK, PAPER, QUICK, LargeBatchTask, NoisyPlan, fitting
from nets.large_batch.drawing import draw_curves
from nets.large_batch.manuscript import MANUSCRIPT
from nets.large_batch.run_curves import curves_of, largest_drop, oscillation, percent, positive
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import higher

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

SWING, CALM = 0.1, 0.05
"""A drop of the accuracy that is wild, and one that is none: RECONSTRUCTED. The paper's is 0.5."""


@dataclass(frozen=True, kw_only=True)
class Oscillating(LargeBatchTask):
    """One batch size, learning rate and noise, with the noise and without.

    Parameters
    ----------
    batch : int
        B.
    rate : float
        ε.
    noise : float
        η of the noise.
    """

    batch: int
    rate: float = 0.1
    noise: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        fitting((self.batch,), self.train)


def simulate(configuration: Oscillating) -> "xr.Dataset":
    """Train without noise and with it."""
    from nets.large_batch.trainings import compared

    given = configuration
    plan = NoisyPlan(batch=given.batch, rate=given.rate)
    noisy = NoisyPlan(batch=given.batch, rate=given.rate, noise=given.noise)
    return compared(given, {PLAIN: plan, NOISY: noisy})


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 5.1 states of the figure."""
    curves = {kind: curves_of(result, kind) for kind in (PLAIN, NOISY)}
    drops = {kind: np.array([largest_drop(run) for run in runs]) for kind, runs in curves.items()}
    swings = {kind: np.array([oscillation(run) for run in runs]) for kind, runs in curves.items()}
    return [
        positive(
            "without noise the test accuracy oscillates wildly: from one epoch to the next it "
            f"drops by more than {percent(np.array(SWING))} (by {percent(drops[PLAIN])} at most)",
            drops[PLAIN] - SWING,
            f"largest drop − {SWING:g}",
        ),
        higher(
            "noise removes oscillation: the variance of the test curve around its best rising fit, "
            f"after its first descent, is lower ({np.median(swings[NOISY]):.2g} against "
            f"{np.median(swings[PLAIN]):.2g})",
            np.sqrt(swings[NOISY]),
            np.sqrt(swings[PLAIN]),
            what="difference of standard deviations",
        ),
        positive(
            "and removes essentially all of it: from one epoch to the next the accuracy drops by "
            f"less than {percent(np.array(CALM))} (by {percent(drops[NOISY])} at most)",
            CALM - drops[NOISY],
            f"{CALM:g} − largest drop",
        ),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the test accuracy over the epochs."""
    return draw_curves(result, {PLAIN: "without noise", NOISY: "with noise"})


experiment = MANUSCRIPT.experiment(
    "lb-fig1",
    "MNIST: noise removes the oscillation of the test curve",
    "Fig. 1 and Sec. 5.1",
    setup=(
        "The network of Table 1 at a batch of 27% of the training set, with learning rate 0.1, "
        "without noise and with noise of η = 0.3: no search, the numbers are the paper’s. Thin "
        "lines are runs, thick ones their medians. Oscillation is the mean squared distance of the "
        "test curve from the non-decreasing curve that fits it best (isotonic regression), from "
        "the end of the first descent of the test error on."
    ),
    from_paper=(
        "batch 16,384 of 60,000, learning rate 0.1, η = 0.3, 15 epochs; drops of 50% without "
        "noise, and a curve that “smoothes out completely” with it",
    ),
    reconstructed=(
        "how oscillation is measured; a drop of 10 points is wild, one of less than 5 is none",
    ),
    quick=Oscillating(**QUICK, batch=55),
    desk=Oscillating(**{**DESK, "runs": 10}, batch=2_731),
    paper=Oscillating(**PAPER, batch=16_384),
    simulate=simulate,
    draw=draw,
    claims=claims,
)
