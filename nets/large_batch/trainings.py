"""All trainings that an experiment compares, as one dataset."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from nets.figures.origin import how_computed, with_names
from nets.figures.parallel import train_all
from nets.large_batch.configuration import LargeBatchTask, NoisyJob, NoisyPlan
from nets.large_batch.images import all_examples, digest_of_data, epoch_steps, examples_of
from nets.large_batch.noisy_training import obtained

SEARCHING = 500
"""The number of the run that searches; final trainings have 0, 1, ..."""

VARIABLES = ("accuracy", "loss", "diverged")
"""What is kept of a training."""

OF_PLAN = ("batch", "rate", "noise", "exponent", "imitated")


def updates(task: LargeBatchTask, plan: NoisyPlan) -> int:
    """Return how many updates an epoch of the final trainings has."""
    return epoch_steps(plan.examples or examples_of(task), plan.batch, task.whole_batches)


def jobs_of(
    task: LargeBatchTask, plans: Sequence[NoisyPlan], runs: Sequence[int]
) -> list[NoisyJob]:
    """Return all trainings, all plans of a run before those of the next."""
    return [NoisyJob(task.task(), plan, run) for run in runs for plan in plans]


def train(task: LargeBatchTask, jobs: Sequence[NoisyJob]) -> list[xr.Dataset]:
    """Train all; what is there already is taken."""
    return train_all(obtained, jobs, [examples_of(task)] * len(jobs))


def traced(task: LargeBatchTask, plan: NoisyPlan) -> xr.Dataset:
    """Return a training of the run that searches: tr Σ after every epoch, and how many weights."""
    (found,) = train(task, jobs_of(task, [dataclasses.replace(plan, traced=True)], [SEARCHING]))
    return found


def compared(task: LargeBatchTask, plans: Mapping[str, NoisyPlan]) -> xr.Dataset:
    """Train every plan in every run; the dimension ``plan`` has the names that are given."""
    jobs = jobs_of(task, list(plans.values()), range(task.runs))
    every = train(task, jobs)
    found = [_selected(each) for each in every]
    count = len(plans)
    of_plan = [xr.concat(found[place::count], "run") for place in range(count)]
    result = xr.concat(of_plan, "plan", join="outer", combine_attrs="drop").assign_coords(
        run=np.arange(task.runs), plan=list(plans)
    )
    described = {
        f"plan_{name}": ("plan", [getattr(plan, name) for plan in plans.values()])
        for name in OF_PLAN
    }
    described["plan_updates"] = ("plan", [updates(task, plan) for plan in plans.values()])
    steps = sum(job.epochs * updates(task, job.plan) for job in jobs)
    result = result.assign_coords(described).assign_attrs(
        agent_steps=steps, examples=examples_of(task)
    )
    return _with_origin(result, task, jobs, every) if task.kept else result


def _selected(history: xr.Dataset) -> xr.Dataset:
    """Return what is kept of a training; one from a shipped result brings all that stands there."""
    chosen = history[list(VARIABLES)]
    return chosen.drop_vars([name for name in chosen.coords if name != "epoch"]).drop_attrs()


def _with_origin(
    result: xr.Dataset, task: LargeBatchTask, jobs: Sequence[NoisyJob], every: Sequence[xr.Dataset]
) -> xr.Dataset:
    """Return a result with the names of its trainings, and how it was made."""
    digest = digest_of_data(task)
    sizes = [job.epochs * examples_of(task) for job in jobs]
    facts: dict[str, Any] = {
        "data": all_examples(task).provenance,
        "data_digest": digest,
        **how_computed(sizes, every, "cpu_hours_of_final_trainings"),
    }
    return with_names(result, jobs, digest, every).assign_attrs(
        facts=json.dumps(facts, ensure_ascii=False)
    )
