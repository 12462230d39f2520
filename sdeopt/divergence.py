"""Saying which replica left the finite numbers, when, and what to lower."""

import numpy as np

from sdeopt.clock import SDE
from sdeopt.errors import DivergenceError
from sdeopt.execution import Execution
from sdeopt.run import Run

__all__ = ["divergence_error"]


def divergence_error(execution: Execution) -> DivergenceError:
    """Return the error for a run in which at least one replica diverged.

    Parameters
    ----------
    execution : Execution
        The run, stopped.

    Returns
    -------
    DivergenceError
        Naming the earliest step, the first replica at it, and the numbers to lower.
    """
    diverged = execution.diverged()
    step = int(diverged[diverged >= 0].min())
    replica = int(np.flatnonzero(diverged == step)[0])
    others = int((diverged >= 0).sum()) - 1
    company = f" (and {others} more)" if others else ""
    message = (
        f"replica {replica}{company} diverged at step {step}: its state is no longer finite; "
        f"{_advice(execution.run, step)}, or pass on_divergence='mask' to go on without it."
    )
    return DivergenceError(message, replica, step)


def _advice(run: Run, step: int) -> str:
    """Return what to lower, with the present values."""
    tables = run.tables(step - 1, 1)
    coupling = float(tables.gains[0, 0])
    if isinstance(run.clock, SDE):
        lower = [f"dt = {run.clock.dt:g}"]
        move = run.clock.dt
    else:
        move = float(tables.step_size.max())
        lower = [f"step_size = {move:g}"]
    if coupling:
        lower.append(f"coupling = {coupling:g}")
    if run.noise is not None and run.noise.scale > 0:
        lower.append("the noise")
    smoothness = run.loss.constants.smoothness
    limit = ""
    if smoothness is not None and not run.algorithm.switches() & {"USES_V", "FILTER"}:
        product = move * (smoothness + coupling)
        limit = f" (step × (smoothness + coupling) is {product:.3g}; keep it below 2)"
    return f"lower {' or '.join(lower)}{limit}"
