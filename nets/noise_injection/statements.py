"""What Adilova et al. (2018) state of training with noise, Sec. 4, claim by claim, in our own words.

Lemma 1 and Corollary 1 on models that are linear stand in `sims.statements`.
"""

from sdeopt.experiments.statements import Statement

PAPER = "Adilova et al. (2018)"

CLOSER = ("averaging beats no synchronization", "closer to the serial one than to a local one")

STATEMENTS = (
    Statement(
        f"{PAPER}, Sec. 4",
        "synchronization aims to reach the serial model and to be better than no synchronization",
        {"adilova43": CLOSER, "adilova44": CLOSER},
    ),
    Statement(
        f"{PAPER}, Sec. 4.1, Fig. 4.1",
        "on linear networks larger noise leaves the median of the accuracy where it is, in every setup",
        {"adilova41": ("is that without noise",)},
        proofs=("adilova_deep_linear",),
    ),
    Statement(
        f"{PAPER}, Sec. 4.1, Fig. 4.1",
        "on linear networks larger noise makes the accuracy vary more",
        {"adilova41": ("the spread of the accuracy grows",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.1",
        "without the division by the round linear networks overflow soon",
        {"adilova41": ("it overflows",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.2",
        "a little noise on the initial weights (below 1) lowers the cumulative training loss, Gaussian "
        "or uniform, serial or averaged",
        {"adilova42": ("lowers the cumulative loss",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.2",
        "noise of level 5 makes training harder in each setup",
        {"adilova42": ("makes training harder",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.2",
        "noise of level 2 raises the loss of the serial model and lowers that of averaged ones",
        {"adilova42": ("ε = 2 hurts the serial model", "ε = 2 helps the averaged models")},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.2",
        "large Gaussian noise on the initial weights is worse than uniform noise",
        {"adilova42": ("Gaussian noise is worse than uniform noise",)},
    ),
    Statement(
        f"{PAPER}, Secs 1 and 4.2",
        "averaging once, after training apart, gives a model with a higher training loss than each "
        "local one (as McMahan et al. found)",
        {"adilova42": ("the average at the end has a higher training loss",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.3",
        "noise at every synchronization can raise the median accuracy",
        {"adilova43": ("noise can raise the median accuracy",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.3",
        "with more learners the results spread more",
        {"adilova43": ("the accuracy spreads more with",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.3",
        "with the level of uniform noise the results spread more",
        {"adilova43": ("the spread of the accuracy grows",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.3",
        "Gaussian noise is steadier than uniform noise, with more outliers below the median",
        {"adilova43": ("Gaussian noise is steadier", "more outliers below the median")},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.3",
        "the serial model with noise spreads far less than averaged ones",
        {"adilova43": ("spreads more than that of the serial one",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.4",
        "on images levels from 1 on give prohibitively low accuracies, by either law",
        {"adilova44": ("destroys the accuracy",)},
    ),
    Statement(
        f"{PAPER}, Sec. 4.2, Fig. 4.4",
        "on images small levels (below 0.5) can raise the accuracy, more so where models are averaged",
        {"adilova44": ("noise can raise the median accuracy", "gains more where")},
    ),
    Statement(
        f"{PAPER}, beyond the paper",
        "with all other layers held, Lemma 1 and the covariance of Algorithm 1 hold of the first layer "
        "of a linear network",
        {"adilova41": ("first layer alone",)},
        proofs=("adilova_lemma_1", "adilova_corollary_1", "adilova_covariance"),
    ),
    Statement(
        f"{PAPER}, beyond the paper",
        "with noise on all three layers of a linear network the expected step drifts",
        {"adilova41": ("three layers, ",)},
        proofs=("adilova_deep_linear",),
    ),
    Statement(
        f"{PAPER}, beyond the paper",
        "noise at every step spreads the accuracy of linear networks more than at every synchronization",
        {"adilova41": ("noise at every step",)},
    ),
)
