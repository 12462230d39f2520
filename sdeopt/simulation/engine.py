"""simulate(): from its arguments to an `xarray.Dataset`."""

import inspect
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import finite_number, flag, one_of, path_of
from sdeopt.clock import Clock
from sdeopt.display import short_signature
from sdeopt.files import check_place
from sdeopt.increments import Increments
from sdeopt.limits import available_threads
from sdeopt.losses.loss import Loss, gradient_check
from sdeopt.noise import NoiseLaw
from sdeopt.record import Record
from sdeopt.schedules import AgentSchedules
from sdeopt.simulation.checkpoint import load_checkpoint, save_checkpoint
from sdeopt.simulation.execution import Execution
from sdeopt.simulation.output import assemble, divergence_error
from sdeopt.simulation.preparation import prepare
from sdeopt.simulation.progress import Reporter, polite_interrupts
from sdeopt.simulation.run import Run
from sdeopt.simulation.size import chunk_of
from sdeopt.start import Start
from sdeopt.statistics import StatisticLike

Divergence = Literal["raise", "mask"]

NOT_DECIDING = (
    "threads",
    "chunk",
    "checkpoint",
    "checkpoint_seconds",
    "progress",
    "on_divergence",
    "check_gradient",
    "memory_limit",
    "time_limit",
)
"""Arguments of `simulate` that say how a run is computed; all others decide its result."""


@short_signature
def simulate(
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
    record: Record | None = None,
    statistics: Sequence[StatisticLike] = (),
    statistics_every: int | None = None,
    clock: Clock | None = None,
    batch_size: int = 1,
    increments: Increments | ArrayLike | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_seconds: float = 30.0,
    progress: bool | None = None,
    on_divergence: Divergence = "raise",
    check_gradient: bool = False,
    memory_limit: float | None = None,
    time_limit: float | None = None,
) -> xr.Dataset:
    """Simulate coupled agents that descend a loss under noise.

    Parameters
    ----------
    loss : Loss
        From `sdeopt.losses`.
    algorithm : Algorithm
        E.g. ``so.QSGD(coupling=8.0)``.
    steps : int
        How many, at least 1.
    step_size : float, Schedule, or one of these per agent
        The learning rate η. On the SDE clock it sets the noise strength; the time step is the
        clock's dt.
    start : Start
        From `sdeopt.start`.
    noise : NoiseLaw, optional
        From `sdeopt.noise`; none by default.
    agents, replicas : int
        p coupled agents in each of many independent copies.
    seed : int
        Together with replica, agent and step it decides every random number.
    record : Record, optional
        Which states are kept (`sdeopt.record`); the last one by default.
    statistics : sequence of str, Histogram, Histogram2D, Occupancy, Quantiles or FirstPassage
        What is averaged, counted or waited for during the run (`sdeopt.statistics`).
    statistics_every : int, optional
        Steps between two observations of the statistics. By default 1; for a finite sum, whose value
        passes over all examples, as many as keep the work of observing to a tenth of that of the steps
        (counted in examples, not timed). ``observe_every`` in the configuration of the result tells it.
    clock : Clock, optional
        ``so.clock.Iteration()`` (the default) or ``so.clock.SDE(dt)``.
    batch_size : int
        b; the noise of a step is divided by √b.
    increments : Increments or array_like, optional
        Noise to use instead of drawing it, of shape (steps, replicas, agents, dim): on the
        iteration clock ζ itself, with ``noise=so.noise.Gaussian(1.0)`` or a `StateDependent` law,
        which multiplies it; on the SDE clock Brownian increments, which any Gaussian law multiplies.
    threads : int, optional
        By default as many as there are processors, or as the quota of a container, OMP_NUM_THREADS or
        NUMBA_NUM_THREADS allows. No effect on any bit of the result.
    chunk : int, optional
        Steps between two updates of checkpoint and progress bar. No effect on any bit.
    checkpoint : path, optional
        A file that is written during the run, and from which the same call continues.
    checkpoint_seconds : float
        Least time between two writes of it.
    progress : bool, optional
        Whether to show a bar; by default only on a terminal.
    on_divergence : {"raise", "mask"}
        Stop at a state that is not finite, or set its replica to NaN and go on.
    check_gradient : bool
        Whether to compare the gradient with finite differences of the value first.
    memory_limit, time_limit : float, optional
        Gigabytes and hours. A run that needs more, by an estimate from below, is refused before
        anything is taken. By default what the environment variables ``SDEOPT_MEMORY_LIMIT`` and
        ``SDEOPT_TIME_LIMIT`` say, else four fifths of the machine's memory and 168 hours.

    Returns
    -------
    xarray.Dataset
        Variables ``agents`` (replica, agent, dim), ``mean`` and ``quorum`` (replica, dim), with a
        leading dimension ``step`` where a series is recorded; the vectors that the algorithm
        declares, such as ``velocities`` (replica, agent, dim), at the end, or with a dimension
        ``step`` where the record asks for them; ``diverged_at`` (replica); the statistics by name.
        Beside ``step`` a series has the coordinate ``time``, that of the gradient flow or of the SDE; on
        the iteration clock also ``iteration``, and ``time`` = iteration × step size only where the
        step size is one constant.

    Raises
    ------
    InvalidArgumentError
        For an argument outside what is allowed.
    DivergenceError
        If the state of a replica is no longer finite and `on_divergence` is "raise".
    CheckpointError
        If the checkpoint is unreadable, of another configuration, or a folder.
    OutputError
        If the checkpoint cannot be written; before the first step.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.RuggedWell(), so.QSGD(coupling=8.0),
    ...                   noise=so.noise.Uniform(7.0), agents=50, replicas=20, steps=400,
    ...                   step_size=0.04, start=so.start.Uniform(-3, 3), seed=7,
    ...                   statistics=["synchronization"])
    >>> dict(run.sizes) == {"replica": 20, "agent": 50, "dim": 1}
    True
    """
    run = prepare(locals())
    one_of(on_divergence, "on_divergence called", ("raise", "mask"))
    if flag(check_gradient, "check_gradient"):
        gradient_check(loss)
    execution = Execution(run, available_threads(threads), on_divergence == "raise")
    longest = chunk_of(run, chunk)
    path = None if checkpoint is None else path_of(checkpoint, "checkpoint")
    pause = finite_number(checkpoint_seconds, "checkpoint_seconds", 0)
    return _carry_out(execution, longest, path, pause, progress)


ARGUMENTS = inspect.signature(simulate)


def describe_run(**arguments: Any) -> Run:
    """Return the run that arguments of `simulate` describe, without starting it."""
    given = ARGUMENTS.bind(**arguments)
    given.apply_defaults()
    return prepare(given.arguments)


def _carry_out(
    execution: Execution, longest: int, path: Path | None, pause: float, progress: bool | None
) -> xr.Dataset:
    """Advance chunk by chunk until the last step is recorded."""
    run, moving = execution.run, execution.run.replicas * execution.run.agents
    title = f"{type(run.algorithm).__name__} on {run.loss.name}"
    identity = {} if path is None else run.identity()
    if path is not None:
        check_place(path, "the checkpoint")
    saved = None if path is None else load_checkpoint(path, identity)
    done = 0 if saved is None else saved[0]
    with (
        Reporter(title, run.steps, moving, progress=progress, done=done * moving) as reporter,
        polite_interrupts() as interrupted,
    ):
        execution.begin(reporter.compiling)
        if saved is not None:
            execution.from_arrays(*saved)
        elif execution.records[0] == 0:
            execution.observe_start()
            execution.take_record()
        began = written = time.perf_counter()
        while execution.step < run.steps:
            steps = _next_stop(execution, longest) - execution.step
            execution.advance(steps)
            if execution.stop_on_divergence and (execution.diverged() >= 0).any():
                raise divergence_error(execution)
            if execution.due():
                execution.take_record()
            reporter.advance(steps * moving)
            now = time.perf_counter()
            if path is not None and (now - written >= pause or interrupted.is_set()):
                save_checkpoint(path, identity, execution.step, execution.to_arrays())
                written = now
            if interrupted.is_set():
                raise KeyboardInterrupt
        if path is not None:
            save_checkpoint(path, identity, execution.step, execution.to_arrays())
        seconds = time.perf_counter() - began
    return assemble(execution, run.configuration(), seconds, (run.steps - done) * moving)


def _next_stop(execution: Execution, longest: int) -> int:
    """Return the step at which the next chunk ends: a record, a multiple of the chunk, the last."""
    stop = min((execution.step // longest + 1) * longest, execution.run.steps)
    if execution.recorded < len(execution.records):
        stop = min(stop, int(execution.records[execution.recorded]))
    return stop
