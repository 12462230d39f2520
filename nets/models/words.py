"""What the figures on deep networks take from the paper, and what was chosen here, in words."""

__all__ = ["FROM_PAPER", "QUICK_LIMIT", "QUICK_SETUP", "RECONSTRUCTED", "SOURCE"]

SOURCE = "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient"

FROM_PAPER = (
    "paper scale: CIFAR-10, standardized in each channel; three convolutions with kernels 9, 5 and 3, "
    "each with ReLU, 2×2 max-pooling and batch normalization by batch statistics in training and "
    "evaluation, then a dense layer with dropout; cross-entropy, batches of 128",
    "Nesterov momentum, coupling in the positions only, agents that communicate after every step",
    "20% of the training examples for validation; each agent’s learning rate falls by 5, 2 and 2 when "
    "its validation loss has stalled for five epochs",
    "methods that are compared start at the same points; the quorum variable of QSGD and SD-QSGD that "
    "is tested is an exponentially weighted average of the mean",
    "the claims, from the words of Sec. 6.2",
)

RECONSTRUCTED = (
    "all numbers that the stored text of the paper lost: learning rate (0.05 at paper scale), "
    "couplings, numbers of agents, momentum 0.9, dropout 0.5, channels (64, 128, 256), number of "
    "epochs, stall threshold 1%, and the weight 0.9 of the past in the averaged quorum variable",
    "quick scale: instead of CIFAR-10 and convolutions, a perceptron with 32 hidden neurons and dropout "
    "on 400 MNIST digits drawn anew for every run, tested on 2,500 others, batches of 32, 40 epochs, "
    "five runs; a stall is less than 5% in five epochs, because 100 validation examples leave noise of "
    "about that size",
    "quick scale: learning rate 0.02, the highest of 0.02, 0.05, 0.1, ... at which a single agent "
    "trains stably, and coupling 0.5, the lowest of 0.1, 0.5, ... at which eight agents converge",
    "a difference counts when it exceeds three standard errors over the runs, paired by initial points, "
    "data orders and training examples",
    "what is compared is the quorum variable after the last epoch, unless a claim says otherwise",
)

QUICK_SETUP = (
    "At quick scale a small perceptron learns a few hundred MNIST digits; at paper scale it is the "
    "paper’s convolutional network on CIFAR-10, through the same program. Lines are averages over the "
    "runs, bands one standard error."
)

QUICK_LIMIT = (
    "A training has 480 steps at quick scale and 37,500 at paper scale: with weak coupling, agents that "
    "start apart are still far from their mean when a quick one ends, so that what exploring costs is "
    "seen and what it gains may not be. What converges gets about 85% of the digits right; test "
    "losses tell them apart more clearly than accuracies."
)
