"""Section 3 of Boffi & Slotine (2020): synchronization and noise."""

from sdeopt.experiments.statements import Statement
from sims.statements.reasons import A_STEP

SECTION_3 = (
    Statement(
        "Sec. 3.1, Theorem 3.1",
        "for k > λ̄ agents pulled to one signal synchronize at the rate k − λ̄, wherever they start",
        {
            "rates": (
                "Theorem 3.1: agents",
                "proved rates without momentum",
                "control: there a rate",
            )
        },
        proofs=("theorem_3_1",),
    ),
    Statement(
        "Sec. 3.1",
        "the signal may be the mean (QSGD), or a quorum variable with dynamics of its own (EASGD)",
        {
            "rates": ("Theorem 3.1: agents of QSGD", "and of EASGD, whose signal"),
            "easgd": ("App. A: Lemma 3.1",),
        },
        proofs=("theorem_3_1",),
    ),
    Statement(
        "Sec. 3.1, Lemma 3.1, (22)",
        "after transients the agents' squared distances from their mean add up to at most "
        "(p − 1)Cη/(2b(k − λ̄)), for (4) and for (6)",
        {
            "sync": ("Lemma 3.1", "it holds, nearly attained", "control:", "the exact value,"),
            "easgd": ("App. A: Lemma 3.1", "the exact spread of the agents"),
            "tightness": ("Lemma 3.1 is good",),
        },
        proofs=("lemma_3_1", "stationary_qsgd", "stationary_easgd"),
    ),
    Statement(
        "Sec. 3.1, Lemma 3.1",
        "so it is with noise that depends on the state, as long as tr(BᵀB) ≤ C",
        {"state_noise": ("Lemma 3.1 for", "and is not vacuous", "‖x‖²: the spread is that of")},
        proofs=("lemma_3_1",),
    ),
    Statement(
        "Sec. 3.1, Lemma 3.1",
        "the transients decay at the rate k − λ̄ (twice that, for squares)",
        {"rates": ("Sec. 3.4: with learning rates", "that bound is attained at all times")},
        proofs=("lemma_3_1", "section_3_4_uneven"),
    ),
    Statement(
        "Sec. 3.1, proof of Lemma 3.1",
        "the squared distances of all pairs add up to p times those from the mean",
        reason=A_STEP,
        proofs=("lemma_3_1",),
    ),
    Statement(
        "Sec. 3.2, Theorem 3.2",
        "for p → ∞ and k → ∞ together, x• follows the flow without noise, almost surely",
        reason="a double limit over paths is no finite run; it rests on Assumption 2.2 and on the "
        "rates 1/p and 1/(k − λ̄) of the two next statements, which have claims",
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.2, (28), (29) and footnote 3",
        "the noise of x• is that of one agent with p times the batch, so it vanishes as 1/p",
        {
            "noise": (
                "the covariance of the noise of x•",
                "p times the batch",
                "so is every entry",
            ),
            "state_noise": ("the covariance of the noise of x•", "(28): it is", "and at most ηC"),
        },
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.2, (30)",
        "the distortion ε is at most Q√n/(2p) times the agents' squared distances from their mean",
        {
            "noise": (
                "(31) holds for the strongly convex",
                "on quadratics there is no distortion",
                "where it is loose",
            )
        },
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.2, (31)",
        "after transients E‖ε‖ ≤ (p − 1)Q√n Cη/(4pb(k − λ̄)), so the distortion vanishes as k → ∞",
        {
            "noise": ("(31) holds", "control: with half its constant (31)"),
            "state_noise": ("(31) holds", "so it does where the mean passes", "its C (31) would"),
            "easgd": ("App. A: (31)",),
            "tightness": ("(31) is loose",),
        },
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.2",
        "the bound (31) hardly depends on p when p is large",
        {"qsgd": ("where the third derivative is Q",)},
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.3",
        "the noise strength of distributed SGD is η/(bp), at the price of the distortion",
        {
            "noise": ("p times the batch", "(31) holds"),
            "nets_theory": ("the noise of the mean in coupled training", "it is 1/p of that"),
        },
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.3",
        "as an approximation of the true gradient, synchronization removes noise that is not wanted",
        reason="a judgement on the use of the two bounds, which have claims of their own",
    ),
    Statement(
        "Sec. 3.3",
        "in practice ‖ε‖ could be measured, and k raised until it is nearly zero",
        reason="a proposal; `nets.training.Measurement(distortion=True)` measures ‖ε‖ on networks",
    ),
    Statement(
        "Sec. 3.3",
        "noise helps generalization in deep learning, and large batches harm it",
        reason="reported from other papers; the noise of large batches is a subject of its own here",
    ),
    Statement(
        "Sec. 3.3, announcing Sec. 6",
        "generalization is best at the lowest k for which the quorum variable still converges",
        {
            "fig7": (
                "with too little coupling",
                "the lowest",
                "agents are further",
                "strongest coupling",
            )
        },
    ),
    Statement(
        "Sec. 3.3",
        "which k gives which synchronization depends on the network and on the data set",
        reason="a comparison of architectures, which no experiment of the paper makes",
    ),
    Statement(
        "Sec. 3.3",
        "k > λ̄ is sufficient only: agents may synchronize at much smaller k",
        {
            "sync": ("no bound of Sec. 3 applies to the rugged loss",),
            "nets_theory": ("Lemma 3.1 does not apply",),
        },
    ),
    Statement(
        "Sec. 3.3",
        "with any other bound on the agents' distances the results hold with that number",
        {"noise": ("(31) holds",)},
        proofs=("theorem_3_2",),
    ),
    Statement(
        "Sec. 3.4, (22) with η̄",
        "with learning rates of the agents' own, (22) holds with their mean",
        {
            "rates": (
                "Sec. 3.4: with learning rates",
                "that bound is attained at all times",
                "control: with half the constant of (22)",
            )
        },
        proofs=("section_3_4", "section_3_4_uneven"),
    ),
    Statement(
        "Sec. 3.4, (31) with η̄",
        "and so does (31)",
        {
            "noise": (
                "(31) holds for learning rates of the agents' own",
                "and learning rates of the agents' own",
            )
        },
        proofs=("section_3_4",),
    ),
    Statement(
        "Sec. 3.4",
        "the noise of x• is then (1/(bp²)) Σ ηᵢΣ(xⁱ), and vanishes for large p",
        {"rates": ("and the noise of x• is (1/p²) Σ ηᵢ",)},
        proofs=("section_3_4",),
    ),
    Statement(
        "Sec. 3.4",
        "batch sizes of the agents' own are the same thing",
        reason="proved, with the mean of ηᵢ/bᵢ: only this ratio enters the equations",
        proofs=("section_3_4",),
    ),
    Statement(
        "Sec. 3.4",
        "each agent follows the same dynamics at a rate of its own (if its steps scale drift and "
        "coupling too, (22) with η̄ is broken)",
        {"rates": ("steps of the agents' own", "so in that reading Sec. 3.4 does not hold")},
        proofs=("section_3_4_scaled",),
    ),
    Statement(
        "Sec. 3.4",
        "agents with larger learning rates help to avoid sharp minima, saddles and flat regions",
        {"multiresolution": ("larger learning rates of some help", "left all three places")},
    ),
    Statement(
        "Sec. 3.4",
        "those with smaller ones converge to robust minima",
        {
            "multiresolution": (
                "agents coarse: the mean ends lower",
                "agents coarse: and lower than",
                "it is the finer agents that converge",
            )
        },
    ),
    Statement(
        "Sec. 3.4",
        "learning rates can be lowered agent by agent, by each agent's own validation loss",
        reason="a proposal; Figs 7 to 12 train so (`nets.StallDrops`)",
    ),
    Statement(
        "Sec. 3.5, Lemma 3.2",
        "with momentum, and coupling in position and velocity, agents synchronize at the rate ξ "
        "of (35) when k₁(k₂ + μ) > g²",
        {"rates": ("Lemma 3.2: with momentum",)},
        proofs=("lemma_3_2", "feedback_combination"),
    ),
    Statement(
        "Sec. 3.5",
        "a bound like (22) follows for momentum",
        {
            "momentum": ("Lemma 3.2 holds", "the exact spread of the agents"),
            "state_noise": ("Lemma 3.2 for positions and velocities",),
            "tightness": ("it is worse both for weak coupling",),
        },
        proofs=("section_3_5",),
    ),
    Statement(
        "Sec. 3.5",
        "Assumption 2.1 is enough for momentum too, as only the gradient is nonlinear",
        {"momentum": ("(31) holds with ξ",)},
        proofs=("theorem_3_2_momentum",),
    ),
    Statement(
        "Sec. 3.5",
        "with enough damping k₂ can be zero: coupling in position alone synchronizes",
        {"momentum": ("Lemma 3.2 holds", "the exact spread of the agents")},
        proofs=("lemma_3_2",),
    ),
)
"""Every statement, in order."""
