"""Another paper's lemma, and what the claims on model losses say beyond all papers."""

from sdeopt.experiments.statements import Statement

ADILOVA = "Adilova et al., "
OURS = "beyond the papers"

BEYOND = (
    Statement(
        f"{ADILOVA}Lemma 1",
        "weight noise of mean zero leaves the expected weights of a linear model where they would be",
        {
            "lemma1": (
                "a serial learner, uniform",
                "a serial learner, Gaussian",
                "control: with such",
            )
        },
        proofs=("adilova_lemma_1",),
    ),
    Statement(
        f"{ADILOVA}Corollary 1",
        "so it does with several learners that are averaged periodically",
        {"lemma1": ("now and then, uniform noise", "now and then, Gaussian noise")},
        proofs=("adilova_corollary_1",),
    ),
    Statement(
        OURS,
        "which scatter by a recursion that the lemma does not have",
        {"lemma1": ("follow their recursion", "so does every entry", "after the first averaging")},
        proofs=("adilova_covariance",),
    ),
    Statement(
        OURS,
        "and are moved by noise that has a mean, as are networks of two linear layers by any",
        {"lemma1": ("noise with a mean breaks", "a linear network of two layers")},
        proofs=("adilova_biased_noise", "adilova_deep_linear"),
    ),
    Statement(
        OURS,
        "why Lemma 3.1 is loose where it is",
        {"sync": ("why it is loose",)},
    ),
    Statement(
        OURS,
        "times of escape, against k and p, as one particle on a smoothed loss has them",
        {
            "escape": (
                "an agent’s time of escape",
                "more agents are slower",
                "k ≥ 5:",
                "the logarithm",
            )
        },
    ),
    Statement(
        OURS,
        "how the best coupling depends on step size, number of agents and temperature",
        {
            "phase": (
                "the best k rises with the step size",
                "κ* hardly depends",
                "κ* goes with the temperature",
                "the greatest good coupling",
            )
        },
    ),
    Statement(
        OURS,
        "width and depth set apart: weak coupling goes for depth, strong coupling for width",
        {"widths": ("beyond the paper: ",)},
    ),
    Statement(
        OURS,
        "a few coarse agents do not free the fine ones; one well-chosen learning rate ends lower",
        {"multiresolution": ("beyond the paper: ",)},
    ),
    Statement(
        OURS,
        "what the claims of Figs 1 to 6 owe to the constants, which are reconstructed",
        {
            "sensitivity": ("",),
            "sensitivity_coupled": ("",),
        },
    ),
    Statement(
        OURS,
        "the border of stability of the discrete iterations, and what grows beyond it",
        {
            "stability": (
                "the simulated border",
                "agree in the whole plane",
                "what grows beyond",
                "were x~ updated",
                "and there what is stable",
            )
        },
        proofs=("qsgd_stability", "easgd_stability", "easgd_new_mean_stability"),
    ),
    Statement(
        OURS,
        "on a graph agents spread by the spectrum of its Laplacian, and the best coupling is the one "
        "that gives the same spread",
        {
            "topology": (
                "the spread",
                "have one spread",
                "the noise of the mean",
                "where a hub weighs",
                "on the wells",
            )
        },
    ),
    Statement(
        OURS,
        "a delay halves the coupling that agents bear, and makes the mean slower more than quieter",
        {
            "delay": (
                "characteristic polynomial",
                "any delay halves",
                "exact moments",
                "the less noisy the later",
                "slower by more",
                "leaves the spread alone",
                "on the ring",
                "delays that differ",
            )
        },
    ),
    Statement(
        OURS,
        "a centre that agents update in turn bears a coupling that one updated by all at once does not",
        {
            "asynchrony": (
                "the simulated border of α",
                "all at once, agents bear",
                "in turn they bear",
                "exact moments",
                "the less noisy of the two",
                "spread more",
                "on the wells",
            )
        },
    ),
)
"""In the order of the report."""
