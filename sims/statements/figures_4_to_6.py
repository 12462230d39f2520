"""Section 4.3 of Boffi & Slotine (2020): the loss in many dimensions, and what both losses show."""

from sdeopt.experiments.statements import Statement
from sims.statements.reasons import SEC_6
from sims.statements.section_4 import TOO_STRONG

FIGURES_4_TO_6 = (
    Statement(
        "Fig. 4(a, b)",
        "the smoothed loss is much simpler than the loss",
        {"fig4": ("the convolved loss is much simpler",)},
    ),
    Statement(
        "Sec. 4.3",
        "a cross section can show a saddle as a minimum or as a maximum",
        reason="a caution about the pictures",
    ),
    Statement(
        "Fig. 4(c)",
        "small k do not minimize the loss of the mean",
        {"fig4": ("k = 0 fails", "k = 0.25 fails", "the U is not strict")},
    ),
    Statement(
        "Fig. 4(c)",
        "as k rises the loss falls, to the best k, and rises again",
        {
            "fig4": (
                "the best coupling, k = 4, is inside",
                "from k = 0 straight",
                "from the best coupling on",
                "k = 4 minimizes",
                "k = 20 fails",
            )
        },
    ),
    Statement(
        "Figs 5(a), 6(a)",
        "no coupling: agents uniform, the mean near the origin",
        {
            "fig5": ("k = 0: the agents reach", "k = 0: the agents are uniform"),
            "fig6": ("k = 0: ",),
        },
    ),
    Statement(
        "Fig. 5(a)",
        "namely at local minima and saddle points (they are no nearer to them than their coordinates "
        "by chance)",
        {"fig5": ("Fig. 5(a), k = 0: ", "why not: without coupling the noise of a step")},
    ),
    Statement(
        "Figs 5(b), 6(b)",
        "little coupling: more clustering, not enough; the ball of means shifts to the bottom left",
        {"fig5": ("k = 0.5: ",), "fig6": ("k = 0.5: ",)},
    ),
    Statement(
        "Figs 5(c, d), 6(c, d)",
        "four balls of agents, and of means, near the minima of the uncorrupted loss",
        {
            "fig5": (
                *("k = 2: the agents are", "k = 2: they crowd"),
                *("k = 4: the agents are", "k = 4: they crowd"),
            ),
            "fig6": ("k = 2: ", "k = 4: "),
        },
    ),
    Statement(
        "Figs 5(c, d), 4(c)",
        "the smaller of both k has more stragglers, and a noticeably higher loss of the mean",
        {"fig5": ("k = 2: more stragglers", "k = 2: the loss of the mean")},
    ),
    Statement(
        "Figs 5(c, d)",
        "a learning-rate schedule could improve convergence from there",
        {"fig5": ("Figs 5(c, d) with a falling step size",)},
    ),
    Statement(
        "Figs 5(e), 6(e)",
        "the clusters merge, and means are scattered between them",
        {"fig5": ("k = 5: ",), "fig6": ("k = 5: ",)},
    ),
    Statement(
        "Figs 5(f), 6(f)",
        "too much coupling: agents and mean near the origin",
        {"fig5": ("k = 20: ",), "fig6": ("k = 20: ",)},
    ),
    Statement(
        "Sec. 4.3, summary",
        "there is a best k, between exploration and concentration, in one dimension and in many",
        {
            "phase": ("there is an optimum",),
            "fig4": ("the best coupling, k = 4, is inside",),
            "escape": ("the mean escapes fastest at an intermediate coupling",),
        },
    ),
    Statement(
        "Sec. 4.3, summary",
        "more than that leads to convergence near the start, less to a mean of agents far apart",
        {
            "fig1": (*TOO_STRONG, "k = 3: the law of the mean"),
            "escape": ("strong coupling holds the mean back",),
        },
    ),
    Statement(
        "Sec. 4.3, summary",
        "and ultimately to less smoothing (of the mean's noise; the agents' spread puts it back)",
        {
            "smoothing": (
                "eq. (39), at the mean",
                "whatever p, k and η",
                "the disturbance ε is no small correction",
            )
        },
    ),
    Statement(
        "Sec. 4.3, summary",
        "deep and wide minima of the smoothed loss lie close to those of the uncorrupted one",
        {"fig5": ("are centred on these minima",), "fig6": ("are centred on these minima",)},
    ),
    Statement(
        "Sec. 4.3, summary",
        "the best k is set by the size of the noise against that of the gradients: it rises with the "
        "width of the noise",
        {
            "phase": ("the best k rises with the width",),
            "sensitivity_coupled": ("the best coupling grows with the noise",),
        },
    ),
    Statement(
        "Sec. 4.3, summary",
        "and by the gradients, that is by the loss's prefactor",
        {
            "phase": (
                "it falls with the prefactor alone",
                "with prefactor and width together",
                "by the power that scaling asks for",
            )
        },
    ),
    Statement(
        "Sec. 4.3, summary",
        "with very wide noise stability gives out before performance does",
        {"phase": ("with very wide noise",)},
    ),
    Statement(
        "Sec. 4.3, summary",
        "with narrow noise and a small prefactor the best k is very small",
        {"phase": ("with narrow noise", "with a small width and a small prefactor")},
    ),
    Statement(
        "Sec. 4.3, announcing Sec. 6",
        "something alike shows in the test loss of deep networks",
        reason=SEC_6,
    ),
)
"""Every statement, in order."""
