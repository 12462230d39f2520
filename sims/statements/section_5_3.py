"""Sections 5.3 to 5.5 of Boffi & Slotine (2020): momentum, other couplings, quadratics."""

from sdeopt.experiments.statements import Statement
from sims.statements.reasons import READ_OFF

SECTION_5_3 = (
    Statement(
        "Sec. 5.3, Lemma 5.3, (52)",
        "without noise agents with momentum converge to the minimum at rest, at least at a rate from "
        "(35) and (52)",
        {
            "rates": (
                "Lemma 5.3: agents",
                "these rates to the minimizer",
                "Lemma 3.2: with momentum",
            )
        },
        proofs=("lemma_5_3", "lemma_5_3_light_damping", "lemma_5_3_heavy_damping"),
    ),
    Statement(
        "Sec. 5.3",
        "with damping above a least value some metric serves; which, depends on the damping",
        reason="a step of the proof named beside it",
        proofs=("lemma_5_3", "lemma_5_3_light_damping", "lemma_5_3_heavy_damping"),
    ),
    Statement(
        "Sec. 5.3",
        "coupling in the velocities as well is similar",
        reason="the paper states no bound for it; Lemma 3.2 has both couplings, and its claims do",
        proofs=("lemma_3_2",),
    ),
    Statement(
        "Sec. 5.3, Theorem 5.3, (54)",
        "E‖(x• − x*, v•)‖ is at most the sum of a distortion term and a noise term",
        {
            "momentum": (
                "Theorem 5.3 holds",
                "so it does with 1/√m",
                "and in the best constant metrics",
                "the exact distance",
                "the exact mean",
            ),
            "tightness": ("Theorem 5.3 is good",),
        },
        proofs=("theorem_5_3", "theorem_5_3_explicit", "stationary_momentum"),
    ),
    Statement(
        "Sec. 5.3, Theorem 5.3",
        "so it is with noise that depends on the state, as long as tr(BᵀB) ≤ C",
        {"state_noise": ("Theorem 5.3", "momentum on f = ½‖x‖²: the mean square")},
        proofs=("theorem_5_3",),
    ),
    Statement(
        "Sec. 5.3",
        "the first term is of the disturbance, and vanishes with synchronization; the second is of "
        "noise, and vanishes with more agents",
        {
            "momentum": (
                "its distortion term",
                "its noise term",
                "where it is loose",
                "why the distortion term is loose",
                "a better constant metric",
            )
        },
        proofs=("theorem_5_3",),
    ),
    Statement(
        "Sec. 5.3",
        "unlike those of EASGD, the terms do not grow with p",
        reason=READ_OFF,
        proofs=("theorem_5_3",),
    ),
    Statement(
        "Sec. 5.3",
        "the bound depends on k and μ in a complicated way",
        {"tightness": ("it is worse both for weak coupling",)},
    ),
    Statement(
        "Sec. 5.4, Lemma 5.4, (56)",
        "with gains that depend on state and time, agents synchronize at the least mean gain less λ̄",
        {"rates": ("Lemma 5.4: with gains", "and so it does with gains")},
        proofs=("lemma_5_4",),
    ),
    Statement(
        "Sec. 5.4",
        "a condition that does not depend on p",
        reason=READ_OFF,
        proofs=("lemma_5_4",),
    ),
    Statement(
        "Sec. 5.4",
        "the mean then has one more term, which vanishes in the synchronized state",
        reason="proved, and what it does to convergence",
        proofs=("lemma_5_4_convergence",),
    ),
    Statement(
        "Sec. 5.4",
        "gains can be chosen by a measure of success, so that the best agents pull the others",
        {
            "fig8": ("SD-QSGD", "with one agent QSGD and SD-QSGD"),
            "sde": ("Sec. 5.4, rugged loss",),
        },
        proofs=("sd_qsgd_gains",),
    ),
    Statement(
        "Sec. 5.5",
        "near a minimum the noise is nearly constant, and it aligns with the Hessian in deep networks",
        reason="the reasons for an assumption, reported from other papers",
    ),
    Statement(
        "Sec. 5.5, footnote 9",
        "constant B has the same weak order, with a larger constant than B(x)",
        {"weak": ("footnote 9:", "but the constant depends on B")},
    ),
    Statement(
        "Sec. 5.5",
        "on a quadratic x• is an Ornstein–Uhlenbeck process; its stationary variance solves a Lyapunov "
        "equation",
        {"qsgd": ("the exact distance", "the exact mean square")},
        proofs=("stationary_qsgd",),
    ),
    Statement(
        "Sec. 5.5, Lemma 5.5, (59)",
        "√t times the time average of x• tends to a normal law of variance (1/p) H⁻¹BBᵀH⁻ᵀ",
        {"average": ("in three directions, whatever k", "for every number of agents p")},
        proofs=("lemma_5_5",),
    ),
    Statement(
        "Sec. 5.5",
        "whatever the coupling",
        {"average": ("whatever k, 0 included", "path by path")},
        proofs=("lemma_5_5",),
    ),
    Statement(
        "Sec. 5.5",
        "which is the least that the Fisher information allows",
        {"average": ("the score of the paths", "the time average attains", "and does not beat it")},
    ),
    Statement(
        "Sec. 5.5",
        "EASGD has the same, so its extra dynamics gain nothing here",
        {"average": ("for EASGD, whose x~",)},
    ),
    Statement(
        "Sec. 5.5",
        "for convex optimization those dynamics may not be better than coupling to the mean",
        {"easgd": ("without a metric x• obeys the bound of QSGD", "and so does x~")},
        proofs=("theorem_5_2_without_metric",),
    ),
    Statement(
        "Sec. 5.5, announcing Sec. 6",
        "on deep networks EASGD generalizes better than QSGD",
        {"fig9": ("EASGD tests better",), "fig11": ("EASGD tests better",)},
    ),
    Statement(
        "Sec. 5.5",
        "one preconditioner for all agents leaves the variance as it is",
        {"average": ("with one preconditioner for all agents",)},
        proofs=("lemma_5_5_preconditioned",),
    ),
    Statement(
        "Sec. 5.5",
        "preconditioners of the agents' own do not (where agents are coupled, and the coupling is not "
        "preconditioned)",
        {
            "average": (
                "preconditioners of the agents' own",
                "by the share",
                "not where they are",
                "nor where",
            )
        },
        proofs=("lemma_5_5_unlike_preconditioners",),
    ),
    Statement(
        "Sec. 5.5",
        "so AdaGrad and the like may lose the optimality",
        reason="a guess from the last statement, about preconditioners that change with the path",
    ),
)
"""Every statement, in order."""
