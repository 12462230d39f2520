"""What a training with noise on its weights is, and which ones an experiment compares. No torch here."""

from dataclasses import dataclass, fields
from typing import Literal

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration

SOURCE = "Adilova, Paul & Schlicht (2018)"

SERIAL, ALONE, AVERAGED = "serial", "alone", "averaged"
"""One model with the examples of all learners; learners that never meet; learners that are averaged."""

NONE, UNIFORM, GAUSSIAN = "none", "uniform", "gaussian"
"""The laws of the noise."""

LAWS = (UNIFORM, GAUSSIAN)

HALF_WIDTH = 0.5

DEVIATION = HALF_WIDTH / 3**0.5
"""The standard deviation of the uniform law."""

When = Literal["initialization", "step", "synchronization"]


@dataclass(frozen=True, kw_only=True)
class Learning(Configuration):
    """Network, data and schedule of a training.

    Parameters
    ----------
    runs : int
        Repetitions, each with an initial point, shares, orders and noise of its own. Trainings that
        are compared share them.
    data : str
        A data set of `nets.data`.
    network : {"susy_linear", "susy_sigmoid", "perceptron"}
        From `nets.networks`.
    widths : tuple of int
        Neurons of the layers of a perceptron; the other two have their own.
    squared : bool
        Whether the loss is the squared one, with targets −1 and 1, or the cross-entropy.
    summed : bool
        Whether the loss of a batch is the sum over its examples, as eq. (1) has it, or their mean.
    unit : bool
        Whether inputs are scaled to [0, 1], as pixels are, or standardized.
    examples : int
        Of each learner, which no other learner has.
    passes : int
        Over these examples.
    batch : int
        B.
    period : int
        b: steps from one synchronization to the next. It divides the steps of a training, so that the
        last averaged model is the one at the end.
    serial_rate, learner_rate : float
        η of models that are not averaged, and of learners that are.
    half_width, deviation : float
        Of the uniform and of the Gaussian law at level 1: half its width, its standard deviation.
    kept : bool
        Whether trainings are kept in the folder of the run, so that it goes on after an interruption
        and experiments share them.
    """

    runs: int = 10
    data: str
    network: str
    widths: tuple[int, ...] = ()
    squared: bool = False
    summed: bool = True
    unit: bool = False
    examples: int
    passes: int = 1
    batch: int = 10
    period: int = 10
    serial_rate: float = 0.1
    learner_rate: float = 0.25
    half_width: float = HALF_WIDTH
    deviation: float = DEVIATION
    kept: bool = False

    def __post_init__(self) -> None:
        for name in ("examples", "passes", "batch", "period"):
            whole_number(getattr(self, name), name, minimum=1)
        for name in ("serial_rate", "learner_rate", "half_width", "deviation"):
            finite_number(getattr(self, name), name, minimum=0, open_end=True)
        if self.runs < 5:
            raise InvalidArgumentError(
                f"runs is {self.runs}, but medians and spreads need at least 5 repetitions."
            )
        steps = self.examples // self.batch * self.passes
        if steps % self.period:
            raise InvalidArgumentError(
                f"period is {self.period}, but a learner makes {steps} steps and the last averaged "
                "model is to be the one at the end; choose a period that divides the steps."
            )

    def learning(self) -> "Learning":
        """Return the shared part alone, so that experiments recognize each other's trainings."""
        return Learning(**{field.name: getattr(self, field.name) for field in fields(Learning)})


@dataclass(frozen=True, kw_only=True)
class Injection:
    """What distinguishes one training of an experiment from another.

    `agents` is the number of learners; the serial model has the examples of so many.
    """

    kind: str
    agents: int
    law: str = NONE
    level: float = 0.0
    when: When = "synchronization"
    decayed: bool = True


@dataclass(frozen=True, kw_only=True)
class Levels(Learning):
    """The training at several levels of noise.

    Parameters
    ----------
    learners : tuple of int
        m, rising. The noise of the serial model is examined with the examples of the first number.
    levels : tuple of float
        ε, rising from 0.
    """

    learners: tuple[int, ...] = (10,)
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.learners or list(self.learners) != sorted(set(self.learners)):
            raise InvalidArgumentError(
                f"learners is {self.learners}; give numbers of learners, rising."
            )
        whole_number(self.learners[0], "learners", minimum=2)
        rising = list(self.levels) == sorted(set(self.levels))
        if len(self.levels) < 2 or self.levels[0] != 0 or not rising:
            raise InvalidArgumentError(
                f"levels is {self.levels}; give at least two levels of noise, rising from 0."
            )


@dataclass(frozen=True, kw_only=True)
class LinearLevels(Levels):
    """Linear networks at several levels of noise, and what is proved of them.

    Parameters
    ----------
    undecayed : float
        The level of noise that is not divided by the number of the round.
    replicas : int
        Of Algorithm 1 on the first layer alone.
    rounds : int
        Of these: averagings.
    pairs : int
        Steps with noise and its negative, from which the drift of all three layers is measured.
    drift_deviation : float
        Of that noise.
    band : float
        Up to which share measured moments count as those predicted.
    """

    undecayed: float = 1.0
    replicas: int = 400
    rounds: int = 2
    pairs: int = 4_000
    drift_deviation: float = 0.1
    band: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.replicas, "replicas", minimum=30)
        whole_number(self.rounds, "rounds", minimum=1)
        whole_number(self.pairs, "pairs", minimum=500)


def injections(
    kind: str, agents: int, levels: Levels, laws: tuple[str, ...] = LAWS, when: When | None = None
) -> list[Injection]:
    """Return one kind of training at every level and law; without noise there is one for all laws."""
    at = when or "synchronization"
    found = [Injection(kind=kind, agents=agents, when=at)]
    for law in laws:
        found += [
            Injection(kind=kind, agents=agents, law=law, level=level, when=at)
            for level in levels.levels[1:]
        ]
    return found
