"""What is checked: a loss, an algorithm, a noise law and their numbers, validated."""

import math
from dataclasses import dataclass

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.algorithms.communication import Communicating
from sdeopt.arguments import finite_number, whole_number
from sdeopt.clock import SDE, Clock, Iteration
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import Loss
from sdeopt.noise import Minibatch, NoiseLaw
from sdeopt.noise.from_quantile import ENOUGH
from sdeopt.noise.of_gaussian import OfGaussian
from sdeopt.schedules import Constant, Schedule


@dataclass(frozen=True, eq=False)
class Problem:
    """One setting to be compared with the theory."""

    loss: Loss
    algorithm: Algorithm
    noise: NoiseLaw
    step_size: float
    agents: int = 1
    batch_size: int = 1
    replicas: int | None = None
    seed: int = 0
    window: float = 6.0
    clock: Clock | None = None

    def __post_init__(self) -> None:
        kinds = {"loss": Loss, "algorithm": Algorithm, "noise": NoiseLaw}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise InvalidArgumentError(
                    f"{name} is {getattr(self, name)!r:.80}; a check needs one of sdeopt's "
                    f"{kind.__name__} objects."
                )
        numbers = {
            "step_size": finite_number(self.step_size, "step_size", 0, open_end=True),
            "window": finite_number(self.window, "window", 0, open_end=True),
            "agents": whole_number(self.agents, "agents", minimum=1),
            "batch_size": whole_number(self.batch_size, "batch_size", minimum=1),
        }
        if self.replicas is not None:
            numbers["replicas"] = whole_number(self.replicas, "replicas", minimum=1)
        for name, value in numbers.items():
            object.__setattr__(self, name, value)
        self.noise.check(self.loss.dim)
        self.algorithm.check(self.loss.dim)
        for name, schedule in self.algorithm.schedules(self.agents).items():
            _constant(schedule, f"{name} of {self.kind}")
        _check_communication(self.algorithm)
        _check_noise(self.noise)
        if isinstance(self.clock, SDE) and self._needs_iteration():
            raise InvalidArgumentError(
                f"{self.kind} with {type(self.noise).__name__} noise is an iteration only; leave "
                "the clock out or give Iteration."
            )

    @property
    def kind(self) -> str:
        """The name of the algorithm."""
        return type(self.algorithm).__name__

    @property
    def discrete(self) -> bool:
        """Whether the iteration is measured, and not the SDE."""
        return isinstance(self.clock, Iteration) or self._needs_iteration()

    @property
    def level(self) -> float:
        """The factor in front of the noise."""
        return _constant(self.noise.level_schedule, "the level of the noise")

    def number(self, name: str) -> float:
        """Return a number of the algorithm by the name that bounds have for it; 0 without one."""
        schedules = self.algorithm.schedules(self.agents)
        return _constant(schedules[name], name) if name in schedules else 0.0

    def _needs_iteration(self) -> bool:
        return "SDE" not in self.algorithm.clocks or isinstance(self.noise, Minibatch)


def _check_communication(algorithm: Algorithm) -> None:
    """Refuse agents that receive late, now and then, or from some of the others only."""
    if not isinstance(algorithm, Communicating) or algorithm.ordinary:
        return
    unusual = {
        "graph": algorithm.has_graph,
        "delay": algorithm.is_late,
        "participation": algorithm.participation < 1.0,
        "period": algorithm.period > 1,
        "staggered": algorithm.staggered,
    }
    given = [name for name, is_given in unusual.items() if is_given]
    raise InvalidArgumentError(
        f"{type(algorithm).__name__} was given {', '.join(given)}; the bounds are about agents that "
        "all receive the whole signal at once and at every step, so leave out graph, delay, "
        "participation, period and staggered."
    )


def _check_noise(noise: NoiseLaw) -> None:
    """Refuse noise that is not the gradient's, whose draws depend on each other, or with a mean."""
    if noise.enters != "gradient":
        raise InvalidArgumentError(
            f"the noise enters the {noise.enters}; the bounds are about noise of the "
            "gradient, so a check needs enters = 'gradient'."
        )
    name, law = f"noise.{type(noise).__name__}", noise
    while isinstance(law, OfGaussian):
        law = law.law
    if law is not noise:
        raise InvalidArgumentError(
            f"the noise is {name}, whose draws depend on each other; the bounds are about noise that "
            "is independent between agents and between steps, so give the "
            f"noise.{type(law).__name__} inside it alone."
        )
    if noise.gaussian or isinstance(noise, Minibatch):
        return
    size, mean = math.sqrt(noise.raw_moment(2)), noise.raw_moment(1)
    if abs(mean) > ENOUGH * size:
        raise InvalidArgumentError(
            f"{name} has the mean {mean:.4g} here; the bounds are about noise of mean 0, so subtract "
            "the mean from it."
        )


def _constant(schedule: Schedule, name: str) -> float:
    if not isinstance(schedule, Constant):
        raise InvalidArgumentError(
            f"{name} is {schedule!r:.60}, which changes in time; the bounds are about constant "
            "numbers, so give one."
        )
    return float(schedule.value)
