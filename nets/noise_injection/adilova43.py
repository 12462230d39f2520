"""Figure 4.3 of Adilova et al. (2018): noise at every synchronization of sigmoid networks."""

from typing import TYPE_CHECKING

from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    LAWS,
    SERIAL,
    UNIFORM,
    Injection,
    Levels,
    injections,
)
from nets.noise_injection.words import ADILOVA
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

QUICK = Levels(
    runs=5, data="digit_parity", network="susy_sigmoid", examples=320, passes=2, period=8,
    learners=(3, 6), levels=(0.0, 2.0),
)  # fmt: skip
DESK = Levels(
    data="magic", network="susy_sigmoid", examples=500, passes=2, kept=True, learners=(10, 20),
    levels=(0.0, 0.5, 1.0, 2.0, 5.0),
)  # fmt: skip
PAPER = Levels(
    data="susy", network="susy_sigmoid", examples=1_000, kept=True, learners=(10, 20),
    levels=(0.0, 0.5, 1.0, 2.0, 5.0),
)  # fmt: skip


def simulate(configuration: Levels) -> "xr.Dataset":
    """Train averaged learners and the serial model at every level, and the baselines without noise."""
    from nets.noise_injection.collecting import trainings

    few, *more = configuration.learners
    return trainings(
        configuration,
        [
            *injections(SERIAL, few, configuration),
            *(Injection(kind=SERIAL, agents=m) for m in more),
            *(Injection(kind=ALONE, agents=m) for m in configuration.learners),
            *(
                each
                for m in configuration.learners
                for each in injections(AVERAGED, m, configuration)
            ),
        ],
    )


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 4.2 states of noise at every synchronization."""
    from nets.noise_injection.claims import (
        can_raise,
        closer_than_alone,
        gaussian_against_uniform,
        learners_of,
        levels_of,
        spreads_more,
        spreads_with_level,
    )

    counts, levels = learners_of(result), levels_of(result)
    few, many = counts[0], counts[-1]
    return [
        *(claim for m in counts for claim in closer_than_alone(result, m)),
        *(can_raise(result, AVERAGED, m, law, levels) for m in counts for law in LAWS),
        *(
            spreads_more(
                f"the accuracy spreads more with {many} learners than with {few}",
                result,
                law,
                (AVERAGED, few),
                (AVERAGED, many),
            )
            for law in LAWS
        ),
        *(spreads_with_level(result, AVERAGED, m, UNIFORM) for m in counts),
        *(claim for m in counts for claim in gaussian_against_uniform(result, m)),
        *(
            spreads_more(
                f"the accuracy of averaged models, m = {few}, spreads more than that of the serial one",
                result,
                law,
                (SERIAL, few),
                (AVERAGED, few),
            )
            for law in LAWS
        ),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the accuracies."""
    from nets.noise_injection.drawing import draw_levels

    return draw_levels(result)


experiment = ADILOVA.experiment(
    "adilova43",
    "Noise at every synchronization can raise the accuracy, and makes it less certain",
    "Fig. 4.3 and Sec. 4.2",
    setup=(
        "The network of Figure 4.2; noise is added to the weights before the first step and after "
        "every synchronization, divided by the number of the synchronization. The serial model "
        "gets it after as many steps. Models are tested after their training, the averaged ones "
        "without the noise that would come next. Why the serial model spreads more than averaged "
        "ones here (desk scale, four runs looked at step by step): it is tested after a single "
        "last step, and with ηB = 1 its accuracy changes by 3.6 points (standard deviation) over "
        "the last ten steps of one and the same run, without any noise; that of the mean of ten "
        "learners by 0.5. The spread over the runs is that of the last step. Why the averaged model "
        "is no closer to the serial one with 20 learners: they take as many steps each as 10, and "
        "their mean ends where it did; the serial model takes twice as many steps, and gains."
    ),
    from_paper=(
        "the network, B = 10, learning rates 0.1 and 0.25, 10 and 20 learners of 1,000 examples each, "
        "a serial model with those of all, noise divided by the number of the synchronization, ten runs",
    ),
    reconstructed=(
        "the levels, those of Figure 4.2 and 0.5 and 1; the gradient of a batch is the sum of eq. (1), "
        "as there",
        "desk scale: 500 examples a learner, two passes; quick scale: 320 and two passes, three and "
        "six learners, level 2",
        "outliers: below the first quartile by more than 1.5 interquartile ranges; comparisons of "
        "spreads are averaged over the levels; close to the serial model: closer than to a local one",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
