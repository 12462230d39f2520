"""All trainings with noise that an experiment compares, as one dataset; kept ones are trained once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
import xarray as xr

from nets.figures.origin import processor
from nets.figures.parallel import train_all
from nets.figures.store import kept
from nets.figures.trained import one_thread
from nets.noise_injection.configuration import Injection, Learning
from nets.noise_injection.learning import InjectionJob, data_of_task, digest_of_data, learned


def obtained(job: InjectionJob, note: Callable[[int], None]) -> xr.Dataset:
    """Return a training: from the store of the run where it is kept, or trained now."""
    with one_thread():
        if not job.task.kept:
            return learned(job, note)
        data = digest_of_data(job.task.data, job.task.squared, job.task.unit)
        return kept(job, data, _learned, note, exact=True)


def _learned(job: InjectionJob, checkpoint: Path | None, note: Callable[[int], None]) -> xr.Dataset:
    """Train from the start: a training takes too little time for checkpoints."""
    return learned(job, note)


def trainings(configuration: Learning, plans: Sequence[Injection]) -> xr.Dataset:
    """Train every plan as often as the configuration asks, all plans of a run before the next."""
    learning = configuration.learning()
    jobs = [InjectionJob(learning, plan, run) for run in range(learning.runs) for plan in plans]
    # what is the same in two plans is trained once
    different = list(dict.fromkeys(jobs))
    sizes = [job.models * job.share for job in different]
    found = dict(zip(different, train_all(obtained, different, sizes), strict=True))
    every = [found[job].drop_attrs(deep=False) for job in jobs]
    runs = [
        xr.concat(every[place :: len(plans)], "run", combine_attrs="drop")
        for place in range(len(plans))
    ]
    result = xr.concat(runs, "plan", combine_attrs="drop")
    described: dict[str, Any] = {
        field.name: ("plan", [getattr(plan, field.name) for plan in plans])
        for field in fields(Injection)
    }
    steps = sum(job.models * job.epochs * (job.share // learning.batch) for job in different)
    facts = {
        "data": data_of_task(learning).provenance,
        "processor": processor(),
        "torch": torch.__version__,
    }
    return result.assign_coords(described).assign_attrs(
        agent_steps=steps, facts=json.dumps(facts, ensure_ascii=False)
    )
