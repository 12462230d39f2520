"""From the arguments of `sdeopt.simulate` to the description of a run, with every check."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.algorithms.communication import Communicating
from sdeopt.arguments import whole_number
from sdeopt.clock import SDE, Clock, Iteration
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.increments import Increments
from sdeopt.kernels.rule_calls import MEAN
from sdeopt.limits import available_threads, check_size
from sdeopt.losses.loss import Loss
from sdeopt.noise import Correlated, Gaussian, Minibatch, NoiseLaw
from sdeopt.noise.of_gaussian import OfGaussian
from sdeopt.record import VARIABLES, End, Record
from sdeopt.rng import as_seed
from sdeopt.schedules import as_agent_schedules
from sdeopt.simulation.brought import check_rules, check_schedules
from sdeopt.simulation.observing import default_interval, unseen
from sdeopt.simulation.run import Run
from sdeopt.simulation.size import size_of
from sdeopt.start import Start
from sdeopt.statistics import select
from sdeopt.statistics.selection import TAKEN

KINDS: dict[str, type] = {
    "loss": Loss,
    "algorithm": Algorithm,
    "noise": NoiseLaw,
    "start": Start,
    "record": Record,
    "clock": Clock,
}
OPTIONAL = ("noise", "record", "clock")


def prepare(given: Mapping[str, Any]) -> Run:
    """Return the run that the arguments of `sdeopt.simulate` describe, without starting it."""
    _check_kinds(given)
    agents = whole_number(given["agents"], "agents", minimum=1)
    increments = given["increments"]
    if increments is not None and not isinstance(increments, Increments):
        increments = Increments(increments)
    every = given["statistics_every"]
    run = Run(
        loss=given["loss"],
        algorithm=given["algorithm"],
        noise=given["noise"],
        start=given["start"],
        record=given["record"] or End(),
        clock=given["clock"] or Iteration(),
        agents=agents,
        replicas=whole_number(given["replicas"], "replicas", minimum=1),
        steps=whole_number(given["steps"], "steps", minimum=1),
        step_sizes=as_agent_schedules(given["step_size"], agents, "step_size"),
        seed=int(as_seed(given["seed"])),
        selection=select(given["statistics"]),
        observe_every=1 if every is None else whole_number(every, "statistics_every", minimum=1),
        batch_size=whole_number(given["batch_size"], "batch_size", minimum=1),
        increments=increments,
    )
    check_size(
        size_of(run, available_threads(given["threads"])),
        "this run",
        "take fewer steps, agents, replicas or records",
        given,
    )
    _check_clock(run)
    _check_state(run)
    run.algorithm.check(run.loss.dim)
    for statistic in run.selection.named:
        statistic.check(run.loss.dim)
    run.algorithm.check_agents(run.agents)
    check_schedules(run.algorithm, run.agents)
    _check_noise(run)
    run.start.check(run.replicas, run.agents, run.loss.dim)
    _check_recorded(run)
    if every is None:
        run = replace(run, observe_every=default_interval(run))
    _check_windows(run)
    run.tables(0, 1)
    return run


def _check_kinds(given: Mapping[str, Any]) -> None:
    """Refuse an argument that is not an instance of its base class."""
    for name, kind in KINDS.items():
        value = given[name]
        if not (isinstance(value, kind) or (name in OPTIONAL and value is None)):
            hint = ", an instance of it and not the class" if isinstance(value, type) else ""
            raise InvalidArgumentError(
                f"{name} is {value!r:.80}, but must be one of sdeopt's {kind.__name__} objects{hint}."
            )


def _check_state(run: Run) -> None:
    """Refuse vectors that a rule, or a result, could not tell apart."""
    name, declared = type(run.algorithm).__name__, run.algorithm.declared()
    declared.check(name)
    check_rules(run.algorithm)
    if declared.signal == MEAN and "WEIGHTED" in run.algorithm.switches():
        raise InvalidArgumentError(
            f"{name} has a rule called weights, whose mean needs a place; declare a vector in "
            "replica_vectors and name it as signal."
        )
    seen = set(TAKEN) - ({"quorum"} if declared.signal != MEAN else set())
    pulling = run.algorithm.replica_vectors.get(declared.signal)
    for vector in (*run.agent_vectors(), *run.replica_vectors()):
        if vector.name in seen or (vector.name == "quorum" and vector is not pulling):
            raise InvalidArgumentError(
                f"{name} declares a vector whose variable is called '{vector.name}', which results have "
                "already; give its StateVector another name."
            )
        seen.add(vector.name)


def _check_recorded(run: Run) -> None:
    """Refuse to record what the algorithm does not have, and two variables of one name."""
    known = (*VARIABLES, *run.own_variables())
    for name in run.record.variables:
        if name not in known:
            raise unknown_name(f"variable of {type(run.algorithm).__name__} called", name, known)
    for statistic in run.selection.named:
        if statistic.name in known:
            raise InvalidArgumentError(
                f"two variables of the result would be called '{statistic.name}'; give the statistic "
                "another name=."
            )


def _check_windows(run: Run) -> None:
    """Refuse a record whose statistics would be means of nothing."""
    every, recorded = run.observe_every, run.record.steps(run.steps)
    end = unseen(every, recorded) if run.selection.any else None
    if end is not None:
        ends = recorded[recorded > 0]
        begin = ends[end - 1] if end else 0
        raise InvalidArgumentError(
            f"statistics_every is {every}, so nothing is observed after step {begin} up to the "
            f"record at step {ends[end]}; observe more often, or record at multiples of {every}."
        )


def _check_clock(run: Run) -> None:
    name = type(run.clock).__name__
    if name not in run.algorithm.clocks:
        raise InvalidArgumentError(
            f"{type(run.algorithm).__name__} runs on the clock "
            f"{' or '.join(run.algorithm.clocks)}, not on {name}."
        )
    if run.strong and isinstance(run.algorithm, Communicating) and not run.algorithm.ordinary:
        raise InvalidArgumentError(
            "the strong_order_1.5 scheme is for agents that all receive the whole signal, at once and "
            "always; with a graph, a delay or pauses use scheme='euler_maruyama'."
        )


def _check_noise(run: Run) -> None:
    law = run.noise
    if law is None:
        if run.increments is not None:
            raise InvalidArgumentError(
                "increments were given without a noise law; give noise.Gaussian(1.0), which says "
                "that they enter the gradient as they are."
            )
        return
    law.check(run.loss.dim)
    label = f"noise.{type(law).__name__}"
    if isinstance(law, Minibatch):
        _check_minibatch(run, law)
    if isinstance(run.clock, SDE):
        if not law.gaussian:
            raise InvalidArgumentError(
                f"the SDE clock is driven by Brownian motion, so {label} does not fit; "
                "give noise.Gaussian with the same variance, or use clock.Iteration()."
            )
        if law.enters != "gradient":
            raise InvalidArgumentError(
                f"on the SDE clock noise enters the gradient, not the {law.enters}; "
                "use clock.Iteration() for that."
            )
    if run.strong and isinstance(law, Correlated):
        raise InvalidArgumentError(
            "the strong_order_1.5 scheme is for noise that agents do not share; with "
            "noise.Correlated use scheme='euler_maruyama'."
        )
    if run.strong and law.state_dependent:
        raise InvalidArgumentError(
            f"the strong_order_1.5 scheme is for additive noise, but {label} depends on x; "
            "use scheme='euler_maruyama'."
        )
    if run.increments is not None:
        _check_increments(run, run.increments)


def _check_minibatch(run: Run, law: Minibatch) -> None:
    count = getattr(run.loss, "examples", 0)
    if not run.loss.finite_sum:
        raise InvalidArgumentError(
            f"noise.Minibatch draws examples, but {run.loss.name} is not a finite sum; "
            "use LeastSquares or LogisticRegression, or another noise law."
        )
    if not law.replacement and law.examples > count:
        raise InvalidArgumentError(
            f"noise.Minibatch draws {law.examples} examples without replacement out of "
            f"{count}; draw at most {count}."
        )
    if run.batch_size != 1:
        raise InvalidArgumentError(
            f"batch_size is {run.batch_size} beside noise.Minibatch({law.examples}); "
            "the minibatch has its size already, so leave batch_size out."
        )
    if run.increments is not None:
        raise InvalidArgumentError(
            "increments cannot be given for noise.Minibatch, which draws examples."
        )


def _check_increments(run: Run, given: Increments) -> None:
    shape = (run.steps, run.replicas, run.agents, run.loss.dim)
    if given.values.shape != shape:
        raise InvalidArgumentError(
            f"increments have shape {given.values.shape}, but this run needs "
            f"(steps, replicas, agents, dim) = {shape}."
        )
    law = run.noise
    if isinstance(law, OfGaussian):
        raise InvalidArgumentError(
            f"increments stand for the noise as it is, so noise.{type(law).__name__} would change "
            "nothing; give them the correlation and the law noise.Gaussian."
        )
    factors = law.switches() & {"DIAGONAL", "MATRIX"} if law else set()
    as_they_are = isinstance(law, Gaussian) and law.scale == 1.0 and not factors
    if not (isinstance(run.clock, SDE) or as_they_are or (law and law.state_dependent)):
        raise InvalidArgumentError(
            f"increments stand for all of ζ on the iteration clock, so the law of {law!r:.80} would "
            "be ignored; multiply them by its scale and give noise.Gaussian(1.0, ...) with the same "
            "level and enters."
        )
    if run.strong and given.areas is None:
        raise InvalidArgumentError(
            "the strong_order_1.5 scheme needs the areas of the increments too; "
            "draw them with sdeopt.increments.brownian."
        )
    if isinstance(run.clock, SDE) and given.dt not in (None, run.clock.dt):
        raise InvalidArgumentError(
            f"increments were drawn for dt = {given.dt}, but the clock has dt = "
            f"{run.clock.dt}; coarsen them to that step."
        )
