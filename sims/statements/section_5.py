"""Sections 5.1 and 5.2 of Boffi & Slotine (2020): convergence of QSGD and EASGD."""

from sdeopt.experiments.statements import Statement
from sims.statements.reasons import A_STEP, READ_OFF, SEC_6

SECTION_5 = (
    Statement(
        "Sec. 5.1, Lemma 5.1",
        "agents under any coupling converge to a critical point, where −∇f contracts and −∇f less the "
        "coupling does",
        {
            "rates": (
                "Lemma 5.1: under a coupling",
                "Lemma 5.1: and reach",
                "these rates to the minim",
            )
        },
        proofs=("lemma_5_1",),
    ),
    Statement(
        "Sec. 5.1, Remark 5.1",
        "balanced all-to-all coupling is QSGD without noise: agents need to know the mean only",
        reason=A_STEP,
        proofs=("lemma_5_1",),
    ),
    Statement(
        "Sec. 5.1, Remark 5.2",
        "if f is l-strongly convex, −∇f contracts at the rate l",
        reason="the definition of strong convexity; a step of the proof named beside it",
        proofs=("sgd_convergence",),
    ),
    Statement(
        "Sec. 5.1, Remark 5.3",
        "where f is only locally strongly convex, agents started there converge to a local minimizer",
        reason="not simulated; `theory.certify` proves contraction on a box, where it holds",
    ),
    Statement(
        "Sec. 5.1",
        "without noise, coupling is no advantage on a strongly convex f",
        reason=READ_OFF,
        proofs=("lemma_5_1",),
    ),
    Statement(
        "Sec. 5.1, Theorem 5.1, (47)",
        "E‖x• − x*‖ of QSGD is at most the sum of a distortion term and a noise term",
        {
            "qsgd": (
                "Theorem 5.1 holds",
                "the exact distance",
                "the exact mean square",
                "the square of the bound is attained",
                "control: with half its C",
            ),
            "tightness": ("Theorem 5.1 is good",),
        },
        proofs=("theorem_5_1", "stationary_qsgd"),
    ),
    Statement(
        "Sec. 5.1, Theorem 5.1",
        "so it is with noise that depends on the state, as long as tr(BᵀB) ≤ C",
        {"state_noise": ("Theorem 5.1", "QSGD on f = ½‖x‖²: the mean square")},
        proofs=("theorem_5_1",),
    ),
    Statement(
        "Sec. 5.1, Theorem 5.1",
        "its transients decay at the rates l + k, of synchronization, and l",
        {
            "rates": (
                "Lemma 5.1: and reach",
                "Sec. 3.4: with learning rates",
                "Theorem 3.1: agents of Q",
            )
        },
        proofs=("theorem_5_1",),
    ),
    Statement(
        "Sec. 5.1",
        "the first term is of incomplete synchronization, and falls with k; the second is of additive "
        "noise, and falls with p; both fall with η/b",
        {
            "qsgd": (
                "its distortion term",
                "its noise term",
                "why it is loose",
                "on quadratics the distance",
            )
        },
        proofs=("theorem_5_1",),
    ),
    Statement(
        "Sec. 5.1",
        "the theorem holds for couplings that depend on state and time",
        {
            "coupling_in_time": (
                "Theorem 5.1 holds with k(x•, t)",
                "so does Lemma 3.1 with k(x•, t)",
                "broken for k(x•, t)",
                "for x• with k(x•, t)",
            )
        },
    ),
    Statement(
        "Sec. 5.1",
        "which change how long the transients last",
        reason="a consequence of their rate, which has the least k in it",
        proofs=("theorem_5_1",),
    ),
    Statement(
        "Sec. 5.1",
        "k(t) that rises makes the first term small, which leaves about what averaging noise does",
        {"coupling_in_time": ("k(t) rising from 0.3 to 8 (QSGD)",)},
    ),
    Statement(
        "Sec. 5.1",
        "if f is not convex: k small early explores, k large late reduces the variance around a minimum",
        {
            "coupling_in_time": (
                "large later: the loss of x•",
                "large later: x• ends nearer",
                "the exploring is done by the small k",
            )
        },
    ),
    Statement(
        "Sec. 5.1",
        "which also leads to a minimum of the true loss rather than of the smoothed one",
        {
            "coupling_in_time": (
                "large later: the loss of the agents",
                "large later: the agents end",
            )
        },
    ),
    Statement(
        "Sec. 5.1",
        "local curvature can tell when to raise k",
        {
            "coupling_in_time": (
                "k increased by the curvature",
                "why: ",
                "the curvature at the agents waits",
                "and then tells that x• is near",
            )
        },
    ),
    Statement(
        "Sec. 5.1",
        "a single agent of SGD has E‖x − x*‖ ≤ √(Cη/(2bl))",
        {"qsgd": ("Theorem 5.1 holds",)},
        proofs=("sgd_convergence",),
    ),
    Statement(
        "Sec. 5.1",
        "so coupling reduces the deviation by √p, and adds a term",
        {"qsgd": ("on quadratics the distance falls", "where the third derivative is Q")},
        proofs=("theorem_5_1",),
    ),
    Statement(
        "Sec. 5.1",
        "which grows with noise, Q and n, and falls with l and k",
        reason=READ_OFF,
        proofs=("theorem_5_1",),
    ),
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
