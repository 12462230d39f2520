"""Section 5.2 of Boffi & Slotine (2020): convergence of EASGD."""

from sdeopt.experiments.statements import Statement
from sims.statements.reasons import READ_OFF, SEC_6

SECTION_5_2 = (
    Statement(
        "Sec. 5.2, Lemma 5.2, (50)",
        "without noise all agents and the quorum variable of EASGD converge to the minimum, at least at "
        "the rate λ_E",
        {"rates": ("Lemma 5.2: agents", "these rates to the minimizer")},
        proofs=("lemma_5_2", "theorem_3_1"),
    ),
    Statement(
        "Sec. 5.2, Theorem 5.2, (51)",
        "E‖z − z*‖ of z = (x•, x~) is at most the sum of a distortion term and a noise term",
        {
            "easgd": (
                "Theorem 5.2 holds",
                "so it does in the best constant metric",
                "its distortion term",
                "its noise term",
                "the exact distance",
                "the exact mean square",
            )
        },
        proofs=("theorem_5_2", "stationary_easgd"),
    ),
    Statement(
        "Sec. 5.2, Theorem 5.2",
        "so it is with noise that depends on the state, as long as tr(BᵀB) ≤ C",
        {
            "state_noise": (
                "Theorem 5.2",
                "so it does without a metric, less",
                "EASGD on f = ½‖x‖²: the mean square",
            )
        },
        proofs=("theorem_5_2",),
    ),
    Statement(
        "App. A",
        "the bounds of Sec. 3 on distances and on ε hold for EASGD",
        {"easgd": ("App. A:",)},
        proofs=("lemma_3_1", "theorem_3_2"),
    ),
    Statement(
        "Sec. 5.2",
        "the theorem holds for couplings that depend on state and time; k that rises makes the first "
        "term small",
        {
            "coupling_in_time": (
                "Theorem 5.2 holds with k(x~, t)",
                "so does Lemma 3.1 with k(x~, t)",
                "broken for k(x~, t)",
                "for x• with k(x~, t)",
                "k(t) rising from 0.3 to 8 (EASGD)",
            )
        },
    ),
    Statement(
        "Sec. 5.2",
        "Theorem 5.2 is weaker than Theorem 5.1",
        {
            "easgd": ("of x• alone, Theorem 5.2 says less", "without a metric x• obeys"),
            "tightness": ("Theorem 5.2 is looser",),
        },
        proofs=("theorem_5_2", "theorem_5_2_without_metric"),
    ),
    Statement(
        "Sec. 5.2",
        "its constant C_M grows linearly with p, so its noise term hardly falls with p",
        {"easgd": ("why it is loose: the metric of Lemma 5.2",)},
        proofs=("theorem_5_2",),
    ),
    Statement(
        "Sec. 5.2",
        "its first term grows with √p",
        reason=READ_OFF,
        proofs=("theorem_5_2",),
    ),
    Statement(
        "Sec. 5.2",
        "which implies that more agents do not help EASGD as they help QSGD (of the bound it is so; "
        "measured, they do help)",
        {
            "easgd": (
                "why it is loose: the metric of Lemma 5.2",
                "and without a metric, as for QSGD",
                "and so does x~",
                "control: with half its C the bound without a metric",
                "a constant metric on (x•, x~)",
            )
        },
        proofs=("theorem_5_2_without_metric",),
    ),
    Statement(
        "Sec. 5.2",
        "in the Euclidean metric contraction needs k < 4pl/(p − 1)²",
        reason="a condition for one metric, and no statement of the algorithm",
    ),
    Statement(
        "Sec. 5.2",
        "for EASGD k must be smaller than for QSGD to be stable, the more so the larger p",
        {
            "stability": ("the border of EASGD shrinks", "that of QSGD does not depend"),
            "sde": ("the iteration of EASGD diverges", "its equation does not, nor does"),
        },
        proofs=("easgd_stability", "qsgd_stability"),
    ),
    Statement(
        "Sec. 5.2",
        "in nonconvex problems more agents can still help EASGD, as they explore",
        reason=SEC_6,
    ),
    Statement(
        "Sec. 5.2, footnote 8",
        "λ_E is below the rate l of QSGD",
        reason="proved: λ_E < lp/(p + 1)",
        proofs=("lemma_5_2",),
    ),
)
"""Every statement, in order."""
