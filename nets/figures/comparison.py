"""All trainings that an experiment compares, as one dataset."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from nets.figures.examples import data_digest, data_of, epoch_steps
from nets.figures.origin import how_computed, with_names
from nets.figures.parallel import train_all
from nets.figures.store import Job
from nets.figures.task import Plan, Task
from nets.figures.trained import obtained, refuse_unstable


def trainings(task: Task, plans: Sequence[Plan]) -> xr.Dataset:
    """Train every plan as often as the task asks, all plans of a run before those of the next."""
    for plan in plans:
        refuse_unstable(task, plan)
    jobs = [Job(task.task(), plan, run) for run in range(task.runs) for plan in plans]
    steps = epoch_steps(task)
    every = train_all(obtained, jobs, [job.plan.agents * steps * task.batch for job in jobs])
    of_plan = [
        xr.concat(every[place :: len(plans)], "run", data_vars="all", combine_attrs="drop")
        for place in range(len(plans))
    ]
    result = xr.concat(of_plan, "plan", data_vars="all", join="outer").assign_coords(
        run=np.arange(task.runs)
    )
    described = {
        name: ("plan", [getattr(plan, name) for plan in plans])
        for name in ("method", "agents", "coupling", "together")
    }
    if any(plan.learning_rate for plan in plans):
        rates = [_value(plan.learning_rate, task.learning_rate) for plan in plans]
        described["plan_learning_rate"] = "plan", rates
    for name in ("shared_drops", "balanced"):
        if any(getattr(plan, name) for plan in plans):
            described[name] = "plan", [getattr(plan, name) for plan in plans]
    done = sum(job.plan.agents * job.epochs * steps for job in jobs)
    result = result.assign_coords(described).assign_attrs(agent_steps=done)
    return _with_origin(result, task, plans, jobs, every) if task.kept else result


def _with_origin(
    result: xr.Dataset,
    task: Task,
    plans: Sequence[Plan],
    jobs: Sequence[Job],
    every: Sequence[xr.Dataset],
) -> xr.Dataset:
    """Return a result with the names of its trainings, the plan of looks, and how it was made."""
    data, digest = data_of(task), data_digest(task)
    sizes = [job.plan.agents * job.epochs * epoch_steps(task) * task.batch for job in jobs]
    facts = {
        "data": data.provenance,
        "data_digest": digest,
        # of all trainings, those that other experiments share too
        **how_computed(sizes, every, "cpu_hours"),
    }
    rest = {
        name: ("plan", [_value(getattr(plan, name), getattr(task, name)) for plan in plans])
        for name in ("learning_rate", "momentum", "epochs")
    }
    looks = {"looks": list(task.looks)} if task.looks else {}
    settings = {f"plan_{name}": values for name, values in rest.items()}
    return with_names(result.assign_coords(settings), jobs, digest, every).assign_attrs(
        facts=json.dumps(facts, ensure_ascii=False), **looks
    )


def _value(own: Any, usual: Any) -> Any:
    return usual if own is None else own
