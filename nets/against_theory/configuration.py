"""What is measured, and how precisely; free of torch, so that experiments can be listed without it."""

from dataclasses import dataclass

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.experiments import measured

FEWEST = 3
"""Trainings that an average needs: what one yields is itself a mean, over agents, steps or examples."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfiguration(Configuration):
    """A network, its coupled training, and the measurements.

    Parameters
    ----------
    examples : int
        N: what gradients are drawn from, and what the loss f is the mean over.
    pool : int
        Images are averaged over squares of so many pixels a side.
    widths : tuple of int
        Neurons of the perceptron's layers.
    batch : int
        b.
    learning_rate : float
        η of coupled training.
    runs : int
        Independent repetitions of every coupled training, at least `FEWEST`.
    agents, coupling : tuple
        p and k: the first of each is the one at which the other is varied.
    snapshots : tuple of int
        Steps after which coupled training is measured, rising; the first is 0.
    stationary : int
        From this step on the spread is averaged over snapshots.
    trials : int
        Single steps from a snapshot, taken and taken back, from which noise is measured.
    batches : tuple of int
        b where the noise of a gradient is measured for itself.
    repeats : int
        Batches of each size, at least `FEWEST`; also the examples of each estimate of
        tr Σ.
    svag_rates : tuple of float
        η for which the SDE limit is examined.
    svag_time : float
        How long, in units of ηt.
    svag_parts : tuple of int
        l: steps of SVAG for one of SGD, from 1 on, rising.
    replicas : int
        Independent trainings for each l, at the least rate; at others so many more that the work is
        the same.
    band : float
        Up to which share two averages count as equal.
    device : str
        Where, such as ``"cuda"``.
    """

    examples: int = 1_000
    pool: int = 4
    widths: tuple[int, ...] = (16,)
    batch: int = 16
    learning_rate: float = 0.1
    runs: int = 12
    agents: tuple[int, ...] = (8, 1, 2, 4, 16)
    coupling: tuple[float, ...] = (1.0, 0.1, 0.3, 2.0, 3.0, 10.0)
    snapshots: tuple[int, ...] = (0, 25, 50, 100, 150, 175, 200, 225, 250)
    stationary: int = 150
    trials: int = 8
    batches: tuple[int, ...] = (1, 4, 16, 64, 256)
    repeats: int = 400
    svag_rates: tuple[float, ...] = (0.1, 0.8)
    svag_time: float = 8.0
    svag_parts: tuple[int, ...] = (1, 2, 4)
    replicas: int = 32
    band: float = 0.05
    device: str = "cpu"

    def __post_init__(self) -> None:
        whole_number(self.runs, "runs", minimum=FEWEST)
        whole_number(self.replicas, "replicas", minimum=FEWEST)
        whole_number(self.repeats, "repeats", minimum=measured.FEWEST)
        finite_number(self.learning_rate, "learning_rate", minimum=0, open_end=True)
        for name in ("agents", "coupling"):
            values = getattr(self, name)
            if len(values) < 2 or len(values) != len(set(values)):
                raise InvalidArgumentError(
                    f"{name} is {values}; give at least two different values."
                )
        for name in ("snapshots", "batches", "svag_parts"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise InvalidArgumentError(
                    f"{name} is {values}; give at least two different values, rising."
                )
        if self.snapshots[0] != 0 or self.svag_parts[0] != 1:
            raise InvalidArgumentError(
                f"snapshots begin at {self.snapshots[0]} and svag_parts at {self.svag_parts[0]}; "
                "begin with 0, the start, and with 1, which is SGD itself."
            )
