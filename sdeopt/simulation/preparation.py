"""From the arguments of a run to its description: everything is checked before anything is computed."""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from sdeopt import clock as clocks
from sdeopt import record as records
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.increments import Increments
from sdeopt.losses.loss import Loss
from sdeopt.noise import NoiseLaw
from sdeopt.rng import as_seed
from sdeopt.schedules import AgentSchedules, as_agent_schedules
from sdeopt.simulation.run import Run
from sdeopt.start import Start
from sdeopt.statistics import StatisticLike, select


def prepare(
    loss: Loss,
    algorithm: Algorithm,
    *,
    steps: int,
    step_size: AgentSchedules,
    start: Start,
    noise: NoiseLaw | None = None,
    agents: int = 1,
    replicas: int = 1,
    seed: int = 0,
    record: records.Record | None = None,
    statistics: Sequence[StatisticLike] = (),
    statistics_every: int = 1,
    clock: clocks.Clock | None = None,
    batch_size: int = 1,
    increments: Increments | ArrayLike | None = None,
) -> Run:
    """Return the run that arguments of `sdeopt.simulate` describe, without starting it."""
    _check_kinds(loss, algorithm, noise, start, record, clock)
    count = whole_number(agents, "agents", minimum=1)
    return Run(
        loss=loss,
        algorithm=algorithm,
        noise=noise,
        start=start,
        record=record or records.End(),
        clock=clock or clocks.Iteration(),
        agents=count,
        replicas=whole_number(replicas, "replicas", minimum=1),
        steps=whole_number(steps, "steps", minimum=1),
        step_sizes=as_agent_schedules(step_size, count, "step_size"),
        seed=int(as_seed(seed)),
        selection=select(statistics),
        observe_every=whole_number(statistics_every, "statistics_every", minimum=1),
        batch_size=whole_number(batch_size, "batch_size", minimum=1),
        increments=_as_increments(increments),
    )


def _check_kinds(*given: object) -> None:
    """Refuse an argument of another kind, before anything is asked of it."""
    names = ("loss", "algorithm", "noise", "start", "record", "clock")
    kinds = (Loss, Algorithm, NoiseLaw, Start, records.Record, clocks.Clock)
    for name, kind, value in zip(names, kinds, given, strict=True):
        optional = name in ("noise", "record", "clock")
        if not (isinstance(value, kind) or (optional and value is None)):
            hint = ", an instance of it and not the class" if isinstance(value, type) else ""
            raise InvalidArgumentError(
                f"{name} is {value!r:.80}, but must be one of sdeopt's {kind.__name__} objects{hint}."
            )


def _as_increments(given: Increments | ArrayLike | None) -> Increments | None:
    return given if given is None or isinstance(given, Increments) else Increments(given)
