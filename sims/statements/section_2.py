"""Section 2 of Boffi & Slotine (2020), where it states what simulations can check: eqs. (1) to (6)."""

from sdeopt.experiments.statements import Statement

SECTION_2 = (
    Statement(
        "Sec. 2.2",
        "a minibatch gradient is unbiased; its covariance is that of one example over b",
        {
            "weak": ("and SGD as simulated has the moments",),
            "nets_theory": (
                "the noise of a gradient falls",
                "batches dealt without",
                "which is less",
            ),
        },
        proofs=("minibatch_noise",),
    ),
    Statement(
        "Sec. 2.3, (1)",
        "the SDE with the term of order η models SGD with weak error of order 2",
        {"weak": ("the error of eq. (1)", "exact error of eq. (1)")},
        proofs=("sgd_weak_order_2",),
    ),
    Statement(
        "Sec. 2.3, (2)",
        "without that term the weak error is of order 1",
        {
            "weak": (
                "the error of eq. (2)",
                "exact error of eq. (2)",
                "without noise, dx",
                "so the noise is tested by the variance",
                "control: the flow",
            )
        },
        proofs=("sgd_weak_order_1",),
    ),
    Statement(
        "Sec. 2.3, (2)",
        "the iteration is its Euler–Maruyama step at dt = η, so they agree where η times the curvature "
        "of the loss is small",
        {
            "sde": (
                "halving dt changes",
                "but not from dt = η on",
                "ripples: ",
                "and where it is between 0.1 and 0.5",
                "the mean of the iteration leaves its start",
                "but that of the equation",
                "it is the other way",
            )
        },
    ),
    Statement(
        "Sec. 2.4, (4) to (6)",
        "the SDEs of EASGD and QSGD model the iterations; for large p EASGD is nearly QSGD",
        {
            "sde": (
                "Secs 2.4 and 5.5",
                "and on one noise they do so",
                "means of iteration and equation leave their start",
            )
        },
    ),
    Statement(
        "Sec. 2.5, Lemma 2.1, Theorems 2.1 and 2.2, Corollary 2.1",
        "contraction bounds the distance between a system and a disturbed or a noisy one",
        reason="general theorems, proved; their bounds are tested where Secs 3 and 5 use them",
        proofs=("lemma_2_1", "theorem_2_1", "corollary_2_1", "theorem_2_2"),
    ),
    Statement(
        "Sec. 2.6, Assumption 2.2",
        "solutions depend continuously on a small random disturbance",
        reason="an assumption, which only the limit of Theorem 3.2 needs",
    ),
)
"""The statements that later sections or the experiments rest on."""
