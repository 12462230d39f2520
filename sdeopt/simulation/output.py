"""From a finished run to its dataset, or to the error that names the replica that diverged."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import PARAMETERS
from sdeopt.clock import SDE, Iteration
from sdeopt.errors import DivergenceError
from sdeopt.results import build_dataset
from sdeopt.simulation.execution import Execution
from sdeopt.simulation.run import Run
from sdeopt.simulation.watching import axes_of, described
from sdeopt.statistics import SCALARS

STATE = {
    "agents": (("replica", "agent", "dim"), "states of the agents", PARAMETERS),
    "mean": (("replica", "dim"), "spatial mean of the agents", PARAMETERS),
    "quorum": (("replica", "dim"), "quorum variable", PARAMETERS),
}


def assemble(
    execution: Execution, configuration: dict[str, Any], seconds: float, agent_steps: int
) -> xr.Dataset:
    """Return the dataset of a finished run."""
    run = execution.run
    variables: dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, str]]] = {}
    own = described(run.selection)
    for name, kept in execution.series.items():
        dims, attributes = own[name] if name in own else _describe(name, run)
        array = np.stack(kept)
        if run.record.is_series:
            variables[name] = (("step", *dims), array, attributes)
        else:
            variables[name] = (dims, array[0], attributes)
    for name in run.own_variables():
        if name not in variables:
            dims, attributes = _describe(name, run)
            attributes["long_name"] += " at the end"
            variables[name] = (dims, execution.view(name), attributes)
    for name, steps in execution.accumulators.watching.passages().items():
        variables[name] = (own[name][0], steps, own[name][1])
    note = {"long_name": "step at which the replica diverged, -1 if it did not", "units": "steps"}
    variables["diverged_at"] = (("replica",), execution.diverged(), note)
    return build_dataset(
        variables,
        steps=execution.records,
        times=run.times(execution.records),
        iterations=execution.records.copy() if isinstance(run.clock, Iteration) else None,
        configuration=configuration,
        seed=run.seed,
        seconds=seconds,
        agent_steps=agent_steps,
        bins=_bin_edges(execution),
        axes=axes_of(run.selection),
    )


def _describe(name: str, run: Run) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the dimensions of a variable in one record, and its attributes."""
    state = STATE | run.own_variables()
    if name in state:
        dims, meaning, units = state[name]
        return dims, {"long_name": meaning, "units": units}
    if name in SCALARS:
        meaning, units = SCALARS[name]
        return ("replica",), {"long_name": f"time average of {meaning}", "units": units}
    if name == "agent_mean":
        text = "mean of the states over agents and time"
        return ("replica", "dim"), {"long_name": text, "units": PARAMETERS}
    if name == "agent_covariance":
        text = "covariance of the states over agents and time"
        return ("replica", "dim", "dim_2"), {"long_name": text, "units": f"{PARAMETERS}^2"}
    text = "counts over replicas and time; the first and last bin are outside"
    return ("dim", f"{name}_bin"), {"long_name": text, "units": "1"}


def _bin_edges(execution: Execution) -> dict[str, NDArray[np.float64]]:
    """Return the lower edges of the bins of each histogram, the first at minus infinity."""
    chosen = execution.run.selection
    edges = {}
    for histogram in (chosen.agents, chosen.mean):
        if histogram is not None:
            inner = np.linspace(histogram.low, histogram.high, histogram.bins + 1)
            edges[f"{histogram.name}_bin"] = np.concatenate([[-np.inf], inner])
    return edges


def divergence_error(execution: Execution) -> DivergenceError:
    """Return the error for a run in which at least one replica diverged."""
    diverged = execution.diverged()
    step = int(diverged[diverged >= 0].min())
    replica = int(np.flatnonzero(diverged == step)[0])
    others = int((diverged >= 0).sum()) - 1
    company = f" (and {others} more)" if others else ""
    message = (
        f"replica {replica}{company} diverged at step {step}: its state is no longer finite; "
        f"{_advice(execution.run, step)}{DivergenceError.MASKING}."
    )
    return DivergenceError(message, replica, step)


def _advice(run: Run, step: int) -> str:
    """Return what to lower, with the present values."""
    tables = run.tables(step - 1, 1)
    coupling = float(tables.coupling[0])
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
    if smoothness is not None and not (run.agent_vectors() or "FILTER" in run.algorithm.switches()):
        product = move * (smoothness + coupling)
        limit = f" (step × (smoothness + coupling) is {product:.3g}; keep it below 2)"
    return f"lower {' or '.join(lower)}{limit}"
