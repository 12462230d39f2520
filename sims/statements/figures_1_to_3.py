"""Section 4.3 of Boffi & Slotine (2020): the loss in one dimension, Figures 1 to 3."""

from sdeopt.experiments.statements import Statement
from sims.statements.section_4 import BEST, TOO_STRONG

FIGURES_1_TO_3 = (
    Statement(
        "Sec. 4.3",
        "the convolved loss is known in closed form",
        {"fig1": ("the closed form",), "fig4": ("the closed form",)},
    ),
    Statement(
        "Sec. 4.3, footnote 5",
        "a wider noise with a smaller step size would do as well",
        {"phase": ("noise and step act on κ*",)},
    ),
    Statement(
        "Fig. 1(a)",
        "no coupling: agents nearly uniform, slightly more of them in the two deepest regions",
        {
            "fig1": (
                "k = 0: the agents reach",
                "k = 0: the agents are spread",
                "k = 0: slightly more",
            )
        },
    ),
    Statement(
        "Fig. 1(a)",
        "and the mean sharply peaked at zero",
        {"fig1": ("k = 0: the mean is",)},
    ),
    Statement(
        "Fig. 1(a), footnote 6",
        "which is single-agent SGD, so that this cannot converge as (c) and (d) do",
        {"fig1": ("k = 0: the agents are equal in law", "k = 0: the means are equal in law")},
    ),
    Statement(
        "Fig. 1(b)",
        "agents in the wide basins of the convolved loss, not in the sharp minima of the true one",
        {"fig1": ("k = 3: the agents",)},
    ),
    Statement(
        "Fig. 1(b)",
        "the law of the mean is too wide for reliable convergence",
        {"fig1": ("k = 3: the law of the mean", "k = 3: the mean does not")},
    ),
    Statement(
        "Fig. 1(c, d)",
        "agents centred on the global minimum of the smoothed loss, the mean very sharp there",
        {"fig1": BEST},
    ),
    Statement(
        "Fig. 1(e, f)",
        "too much coupling: worse again, the mean stays near its start",
        {"fig1": TOO_STRONG},
    ),
    Statement(
        "Sec. 4.3",
        "high noise, coupling and a learning-rate schedule are a useful combination",
        {"fig2": tuple(f"{k}the mean is reliably" for k in BEST)},
    ),
    Statement(
        "Sec. 4.3",
        "without coupling such noise makes a random walk, and coupling stabilizes it",
        {"fig1": ("Sec. 4.3, noise: ",)},
    ),
    Statement(
        "Fig. 2(a)",
        "no coupling: the schedule only slightly improves convergence around the minima of the "
        "smoothed loss",
        {"fig2": ("k = 0: ",)},
    ),
    Statement("Fig. 2(b)", "a mild improvement", {"fig2": ("k = 3: ",)}),
    Statement(
        "Fig. 2(c, d)",
        "excellent convergence around the deepest minimum of the true loss within the agents' spread "
        "of Fig. 1",
        {"fig2": BEST},
    ),
    Statement(
        "Fig. 2(e, f)",
        "near the start again, but now at minima of the true loss",
        {"fig2": TOO_STRONG},
    ),
    Statement(
        "Fig. 3(a)",
        "with momentum and no coupling: as Fig. 1(a)",
        {"fig3": ("k = 0: ",)},
    ),
    Statement(
        "Fig. 3(b)",
        "agents localized around the centre, not around minima",
        {"fig3": ("k = 10: ",)},
    ),
    Statement(
        "Fig. 3(c, d, e)",
        "agents and mean on the two deepest minima of the convolved loss, still too wide",
        {"fig3": ("k = 30: ", "k = 35: ", "k = 40: ")},
    ),
    Statement(
        "Fig. 3(f)",
        "reliable convergence around the deep minimum on the right",
        {"fig3": ("k = 70: ",)},
    ),
    Statement(
        "Fig. 3(f)",
        "which would combine well with a learning-rate schedule",
        {"fig3": ("Fig. 3(f) with a falling step size",)},
    ),
    Statement(
        "Fig. 3",
        "much larger k are tolerated than without momentum",
        {
            "fig3": ("without momentum, k",),
            "sde": ("the equation with momentum tolerates", "most of that factor"),
        },
    ),
    Statement(
        "Fig. 3",
        "because differences of velocities keep the mean from a minimum near its start",
        {"fig3": ("Sec. 4.3, velocities: ",)},
    ),
)
"""Every statement, in order."""
