"""Figure 4.2 of Adilova et al. (2018): noise on the initial weights of sigmoid networks."""

from typing import TYPE_CHECKING

from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    LAWS,
    SERIAL,
    UNIFORM,
    Levels,
    injections,
)
from nets.noise_injection.words import ADILOVA
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

QUICK = Levels(
    runs=5, data="digit_parity", network="susy_sigmoid", examples=240, period=8, learners=(4,),
    levels=(0.0, 0.5, 2.0, 5.0),
)  # fmt: skip
DESK = Levels(
    data="magic", network="susy_sigmoid", examples=500, passes=2, kept=True,
    levels=(0.0, 0.1, 0.5, 1.0, 2.0, 5.0),
)  # fmt: skip
PAPER = Levels(
    data="susy", network="susy_sigmoid", examples=1_000, kept=True,
    levels=(0.0, 0.1, 0.5, 1.0, 2.0, 5.0),
)  # fmt: skip


def simulate(configuration: Levels) -> "xr.Dataset":
    """Train the serial model, learners that are averaged, and learners that are not."""
    from nets.noise_injection.collecting import trainings

    m = configuration.learners[0]
    laws = {SERIAL: LAWS, ALONE: (UNIFORM,), AVERAGED: LAWS}
    return trainings(
        configuration,
        [
            each
            for kind, some in laws.items()
            for each in injections(kind, m, configuration, some, when="initialization")
        ],
    )


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 4.2 states of noise at the start."""
    from nets.noise_injection.initial_claims import initial_claims

    return initial_claims(result)


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the losses during training."""
    from nets.noise_injection.drawing import draw_levels

    return draw_levels(result, "seen_loss", "training loss, cumulative, per example (nats)")


experiment = ADILOVA.experiment(
    "adilova42",
    "Noise on initial weights: a little helps, much hurts, most of all a serial model",
    "Fig. 4.2 and Sec. 4.2",
    setup=(
        "A network of three layers with sigmoid activations learns to tell two classes apart; noise is "
        "added to its weights once, before the first step, to those of each learner anew, so that "
        "learners begin apart. The cumulative training loss is the sum of the losses of all examples "
        "at the time they are seen, here over their number. The learners that never meet are averaged "
        "once, at the end (McMahan et al.). "
        "Why ε = 2 does not help averaged models here (desk scale, three runs looked at step by step): "
        "the harm is done before the first averaging, where learners lose 5.0 nats an example against "
        "2.3 without noise; from the second averaging on the loss is lower than without noise (0.62 "
        "against 0.64, then 0.57 against 0.61). How large the first part counts depends on b and on "
        "the length of the training, which the text does not give. Averaged once, learners that "
        "begin together are better than the worst of them, since each ends where its last steps of "
        "ηB = 1 threw it; at ε = 1 their average is worse than each."
    ),
    from_paper=(
        "the network, B = 10, learning rates 0.1 and 0.25, noise levels 2 and 5 and some below 1, "
        "1,000 examples a learner, ten runs",
    ),
    reconstructed=(
        "the levels 0.1, 0.5 and 1, and 10 learners; the gradient of a batch is the sum of eq. (1) "
        "here too: with the mean nothing is learnt in 100 steps at these rates",
        "desk scale: 500 examples a learner, two passes; quick scale: 240 and one pass, four learners",
        "once averaged, worse than each local model: than the worst of them, by the loss on all "
        "training examples",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
