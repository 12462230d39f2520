"""Sections 4, 4.1 and 4.2 of Boffi & Slotine (2020): smoothing, and what it makes one expect."""

from sdeopt.experiments.statements import Statement

BEST = ("k = 8: ", "k = 9: ")
"""The couplings of Figs 1 and 2, (c) and (d)."""

TOO_STRONG = ("k = 20: ", "k = 26: ")
"""Those of (e) and (f)."""

SECTION_4 = (
    Statement(
        "Sec. 4, (38)",
        "in expectation SGD descends the loss convolved with its noise, scaled by η/√b",
        {"smoothing": ("eq. (38)",)},
        proofs=("smoothing_38",),
    ),
    Statement(
        "Sec. 4",
        "so it reaches minimizers of more functions than convex ones, and the convolution can move "
        "the minima",
        reason="reported from Kleinberg et al. (2018)",
    ),
    Statement(
        "Sec. 4.1, (39)",
        "for QSGD, at the mean, the scale is η/√(bp): less by √p",
        {"smoothing": ("eq. (39), at the mean", "the smoothing scale at the mean goes with")},
        proofs=("smoothing_39",),
    ),
    Statement(
        "Sec. 4.1, (39)",
        "at the price of the disturbance ε, which vanishes with synchronization",
        {"smoothing": ("the disturbance ε is no small correction",), "noise": ("(31) holds",)},
        proofs=("smoothing_39", "theorem_3_2"),
    ),
    Statement(
        "Sec. 4.1, (39)",
        "which enters with a factor of the Hessian, to first order",
        {"smoothing": ("eq. (39) keeps the disturbance", "and is not where smoothing")},
        proofs=("smoothing_39",),
    ),
    Statement(
        "Sec. 4.2",
        "without coupling, at high noise, agents leave local minima and do not converge to a good one",
        {"fig1": ("k = 0: ",), "escape": ("k = 0: the agents fill",)},
    ),
    Statement(
        "Sec. 4.2",
        "with p and k large the mean descends a loss that is hardly smoothed, to a minimum of the true "
        "loss near its start",
        {
            "fig2": tuple(f"{k}the mean" for k in TOO_STRONG),
            "escape": ("k = 20: the mean ends in the basin where it began",),
        },
    ),
    Statement(
        "Sec. 4.2",
        "and the agents are pulled into this minimum",
        {
            "fig2": tuple(f"{k}and so are the agents" for k in TOO_STRONG),
            "escape": ("k = 20: agents escape with their mean",),
        },
    ),
    Statement(
        "Sec. 4.2",
        "as if a single agent had been started at the mean, by deterministic gradient descent (only "
        "where the noise of a step is short beside the distance of minima)",
        {
            "fig1": ("Sec. 4.2, large k: ", "why not in the same minimum"),
            "fig2": ("Sec. 4.2, large k: ",),
        },
    ),
    Statement(
        "Sec. 4.2",
        "with a middle k, agents gather around the minima of the smoothed loss",
        {"fig1": tuple(f"{k}the agents are" for k in BEST), "fig5": ("k = 4: the agents are",)},
    ),
    Statement(
        "Sec. 4.2",
        "because then the smoothing is not reduced",
        {
            "smoothing": (
                "whatever p, k and η",
                "ηk = 1, b = 1",
                "the effective smoothing scale goes",
            )
        },
    ),
    Statement(
        "Sec. 4.2",
        "SGD alone prefers degenerate minima of large volume (reported from Banburski et al., 2019)",
        {"widths": ("SGD alone is biased",)},
    ),
    Statement(
        "Sec. 4.2",
        "coupling adds to this: agents gather in wider and deeper minima, where they nearly all fit",
        {
            "widths": (
                "coupling amplifies the bias",
                "do not gather in a minimum that is too narrow",
            )
        },
    ),
    Statement(
        "Sec. 4.2",
        "once enough agents are in one minimum, none escapes alone: they agree, even at high noise",
        {
            "escape": (
                "k = 5 gathers most agents",
                "k = 5: the agents end in the basin of their mean",
                "k = 20: agents escape with their mean",
            ),
            "fig1": tuple(f"{k}the mean" for k in BEST),
            "widths": ("agents choose one minimum together", "hardly any agent is found outside"),
        },
    ),
    Statement(
        "Sec. 4.2",
        "too much coupling does not explore: the start decides",
        {
            "widths": (
                "takes the bias towards the deeper minimum away",
                "there is no exploring first",
            )
        },
    ),
)
"""Every statement, in order."""
