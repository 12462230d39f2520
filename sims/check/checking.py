"""The check itself: constants, every theorem, one simulation, a report."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from numpy.typing import ArrayLike

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import Array, intervals
from sdeopt.clock import Clock
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.measured import FEWEST
from sdeopt.losses.loss import Loss
from sdeopt.noise import NoiseLaw
from sdeopt.streams import on_terminal, usable
from sims.check.case import Case
from sims.check.derivation import constants_of
from sims.check.dynamics import check_stable, rates_of
from sims.check.measurement import plan_of
from sims.check.notes import notes_of
from sims.check.problem import Problem
from sims.check.report import Report
from sims.check.theorem import Simulation, row_of
from sims.check.theorems import THEOREMS


def check(
    loss: Loss,
    algorithm: Algorithm,
    *,
    noise: NoiseLaw,
    step_size: float,
    agents: int = 1,
    batch_size: int = 1,
    constants: Mapping[str, object] | None = None,
    box: ArrayLike | None = None,
    replicas: int | None = None,
    seed: int = 0,
    window: float = 6.0,
    clock: Clock | None = None,
    progress: bool | None = None,
) -> Report:
    """Compare a simulation of a loss and an algorithm with every bound that applies to them.

    Parameters
    ----------
    loss : Loss
        From `sdeopt.losses`.
    algorithm : Algorithm
        E.g. ``so.QSGD(coupling=1.0)``.
    noise : NoiseLaw
        Of mean 0, independent between agents and steps. The SDE takes its covariance, the iteration
        its law.
    step_size : float
        η.
    agents, batch_size : int
        p and b.
    constants : mapping, optional
        Constants that you know: ``strong_convexity`` (l), ``smoothness`` (L), ``negative_curvature``
        (lambdabar), ``gradient_curvature`` (Q), ``noise_bound`` (C) and ``minimum``. They are not
        checked, but compared with the curvature at positions of agents.
    box : array_like, optional
        A pair (low, high) for each coordinate, or one for all, in parameter units. There constants that
        are not known everywhere are proved, by interval arithmetic on a formula, or else estimated.
    replicas : int, optional
        How many independent copies; as many as the work allows, up to 4000, by default.
    seed : int
        The seed.
    window : float
        The time that is averaged over, in units of the slowest relaxation.
    clock : Clock, optional
        ``so.clock.Iteration()`` measures the iteration, about which the bounds say nothing; the SDE,
        in steps short enough, by default.
    progress : bool, optional
        Whether to show progress; by default on a terminal.

    Returns
    -------
    Report
        A row for every theorem, and the constants.

    Raises
    ------
    InvalidArgumentError
        For an argument outside what is allowed.
    DivergenceError
        If a run leaves the finite numbers.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.check import check
    >>> loss = so.losses.QuadraticLogCosh(2, strong_convexity=1.0, smoothness=4.0, width=0.5)
    >>> report = check(loss, so.QSGD(coupling=1.0), noise=so.noise.Gaussian(1.0), step_size=0.1,
    ...                agents=8, replicas=100, progress=False)
    >>> row = report.row("theorem_5_1")
    >>> row.verdict, round(row.predicted, 4)
    ('holds', 0.2547)
    """
    problem = Problem(
        loss, algorithm, noise, step_size, agents, batch_size, replicas, seed, window, clock
    )
    if replicas is not None and replicas < FEWEST:
        raise InvalidArgumentError(
            f"replicas is {replicas}, but confidence limits need at least {FEWEST}; give more."
        )
    ends = None if box is None else _pairs(intervals(box, "box", loss.dim))
    with _status("finding the constants", progress):
        case = Case(problem, constants_of(problem, constants, ends))
        rates = rates_of(case)
    check_stable(case)
    plan = plan_of(case, rates)
    simulation = Simulation(case, rates, plan, ends, progress)
    rows = [row_of(theorem, simulation) for theorem in THEOREMS.values()]
    ordered = sorted(rows, key=lambda row: not row.applies)
    return Report(case, plan, ordered, notes_of(simulation, ordered))


def _pairs(ends: Array) -> tuple[tuple[float, float], ...]:
    return tuple((float(low), float(high)) for low, high in ends)


def _status(words: str, progress: bool | None) -> AbstractContextManager[Any]:
    """Show on a terminal what is being done."""
    if not (on_terminal() if progress is None else progress and usable()):
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(words)
