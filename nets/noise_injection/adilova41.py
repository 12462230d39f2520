"""Figure 4.1 of Adilova et al. (2018): noise on the weights of linear networks."""

from typing import TYPE_CHECKING

from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    SERIAL,
    UNIFORM,
    Injection,
    LinearLevels,
    injections,
)
from nets.noise_injection.words import ADILOVA
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


QUICK = LinearLevels(
    runs=5, data="digit_parity", network="susy_linear", squared=True, examples=320, period=8,
    serial_rate=5e-4, learner_rate=1e-3, learners=(4,), levels=(0.0, 0.5, 1.0),
    replicas=100, pairs=1_000, band=0.2,
)  # fmt: skip
DESK = LinearLevels(
    data="magic", network="susy_linear", squared=True, examples=500, passes=40, serial_rate=1e-5,
    learner_rate=2.5e-5, levels=(0.0, 0.5, 1.0, 2.0), kept=True,
)  # fmt: skip
PAPER = LinearLevels(
    data="susy", network="susy_linear", squared=True, examples=20_000, serial_rate=1e-5,
    learner_rate=2.5e-5, levels=(0.0, 0.5, 1.0, 2.0), kept=True,
)  # fmt: skip


def plans(configuration: LinearLevels) -> list[Injection]:
    """Return the three kinds of training at every level, and noise that is injected otherwise."""
    m = configuration.learners[0]
    usual = [
        each
        for kind in (SERIAL, ALONE, AVERAGED)
        for each in injections(kind, m, configuration, (UNIFORM,))
    ]
    level = configuration.undecayed
    return [
        *usual,
        *(
            Injection(kind=kind, agents=m, law=UNIFORM, level=level, decayed=False)
            for kind in (SERIAL, AVERAGED)
        ),
        Injection(kind=AVERAGED, agents=m, law=UNIFORM, level=configuration.levels[1], when="step"),
    ]


def simulate(configuration: LinearLevels) -> "xr.Dataset":
    """Train, and measure what is proved of one layer and of three."""
    from nets.noise_injection.collecting import trainings
    from nets.noise_injection.measuring import with_theory

    return with_theory(trainings(configuration, plans(configuration)), configuration)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check Sec. 4.1, and what is proved beside it."""
    from nets.noise_injection.linear_claims import linear_claims

    return linear_claims(result)


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the accuracies, and measured over predicted moments."""
    from nets.noise_injection.drawing import draw_linear

    return draw_linear(result)


experiment = ADILOVA.experiment(
    "adilova41",
    "Linear networks: noise on the weights leaves the median accuracy and widens its spread",
    "Fig. 4.1, Sec. 4.1 and Lemma 1",
    setup=(
        "A network of three linear layers descends the squared loss with targets −1 and 1: one model "
        "that sees the examples of all learners (serial), learners that never meet (no-sync; one of "
        "them is tested), and learners that are averaged every b steps. Uniform noise is added to the "
        "weights at the start and after every b steps, divided by the number of the round; without "
        "that division, and at every step, for comparison. Beside it what is proved: with all "
        "layers but the first held, Lemma 1 and the covariance of Algorithm 1 hold exactly, and are "
        "held against replicas in torch with noise at every step; with noise on all three layers the "
        "expected step drifts, which is predicted and measured from pairs of noise and its negative. "
        "Why noise raises the median of learners on their own, and lets averaged models spread less "
        "(desk scale, from the losses beside the accuracies): these learn from 500 examples and are not "
        "done without noise, with a median test loss of 0.41 and 0.36 where the serial model has 0.31; "
        "with it they are nearer, 0.35 at ε = 1 and 0.32 at ε = 2. Three layers begin near a saddle at "
        "0, which larger weights leave sooner. The median of the serial model, which is done, stays."
    ),
    from_paper=(
        "the network, the squared loss and its sum over a batch, B = 10, learning rates 1e-5 and "
        "2.5e-5, 10 learners of 20,000 examples, uniform noise on [−0.5, 0.5] divided by the number "
        "of the round, ten runs",
    ),
    reconstructed=(
        "the levels 0.5, 1 and 2, and that noise comes at synchronizations: at every step, divided "
        "alike, the serial model diverges from level 1 on, and the figure has no such model",
        "desk scale: 500 examples a learner, 40 passes over them, for 20,000 different ones; quick "
        "scale: 320 examples of four learners, one pass, learning rates 5e-4 and 1e-3, with which so "
        "few steps go as far",
        "for the lemma a learning rate of 0.5 over the largest curvature of the first batch: at "
        "2.5e-5 nothing contracts and the covariance is a sum; for the drift noise of deviation 0.1 "
        "on a network without biases",
        "the same median: within two points of accuracy",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
