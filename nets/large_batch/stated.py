"""What the manuscript on large batches states, with the claims that check it."""

from sdeopt.experiments.statements import Statement

SOURCE = "large batches, "
OURS = "beyond the papers"

STATEMENTS = (
    Statement(
        f"{SOURCE}Sec. 1",
        "the noise scale of SGD is g = ε (N/B − 1), which a larger batch makes smaller",
        reason="a definition; what it is the scale of, is proved",
        proofs=("large_batch_noise_scale",),
    ),
    Statement(
        f"{SOURCE}Secs 1 and 5.1, Table 1",
        "accuracy falls with the batch size",
        {"lb-table1": ("without noise the accuracy falls",)},
    ),
    Statement(
        f"{SOURCE}Secs 1 and 3",
        "scaling the learning rate with the batch size works only so far",
        {"lb-table1": ("scaling of the learning rate",)},
    ),
    Statement(
        f"{SOURCE}Sec. 2, eq. (2)",
        "noise that decays worked better than noise that does not",
        {"lb-table1": ("noise that decays tests better",)},
        proofs=("decaying_noise_steps",),
    ),
    Statement(
        f"{SOURCE}Sec. 3",
        "the update can be written with noise outside the learning rate",
        reason="another noise than that of eq. (1), by a factor that is proved; eq. (1) is trained",
        proofs=("large_batch_noise_scale",),
    ),
    Statement(
        f"{SOURCE}Sec. 5.1, Table 1",
        "noise wins accuracy back at the largest batches, and only there",
        {
            "lb-table1": (
                "noise wins accuracy back",
                "at the smallest batch noise gains little",
                "what noise gains rises",
                "accuracy is above 90%",
            )
        },
    ),
    Statement(
        f"{SOURCE}Sec. 5.1",
        "the larger the batch, the larger the η that is best",
        {"lb-table1": ("larger batches want more noise",)},
    ),
    Statement(
        f"{SOURCE}Sec. 5.1, Fig. 1",
        "without noise the test curve oscillates wildly, and with noise not at all",
        {"lb-fig1": ("",)},
    ),
    Statement(
        f"{SOURCE}Sec. 5.2, Table 2",
        "so it is on CIFAR-10: noise helps when the batch is large, and the more the larger it is",
        {"lb-table2": ("",)},
    ),
    Statement(
        f"{SOURCE}Sec. 5.3",
        "experiments with a language model are planned",
        reason="a plan has no claim; lb-lm reports such a training",
    ),
    Statement(
        f"{SOURCE}Sec. 6, Fig. 2",
        "noise accelerates full-batch gradient descent, and it ends higher",
        {"lb-fig2": ("noise accelerates full-batch", "with noise the accuracy after")},
        proofs=("decaying_noise_steps",),
    ),
    Statement(
        f"{SOURCE}Sec. 6, Table 3",
        "run for longer, simulated SGD is close to the state of the art",
        {"lb-table3": ("",)},
    ),
    Statement(
        f"{SOURCE}Sec. 6",
        "noise conditioned on the iterates may do better than Gaussian noise",
        {"lb-fig2": ("noise conditioned on the iterate",)},
    ),
    Statement(
        OURS,
        "a language model at large batches",
        {"lb-lm": ("",)},
    ),
    Statement(
        OURS,
        "the noise that restores a smaller batch, as the SDE predicts it",
        {"lb-theory": ("",)},
        proofs=("large_batch_restored_noise",),
    ),
)
"""In the order of the manuscript."""
