"""All measurements, one after the other."""

import numpy as np
import torch
import xarray as xr
from torch import Tensor

import theory
from nets.against_theory.configuration import NetworkConfiguration
from nets.against_theory.coupled_runs import Setting, coupled_runs
from nets.against_theory.landscape import Subject, curvature, subject_of
from nets.against_theory.sgd_noise import (
    by_batch_size,
    estimated_trace,
    exact_trace,
    matched_time,
)

TRACE, BATCHES, SVAG = 2, 3, 4
"""What random draws are for; coupled training has 1."""


def settings(configuration: NetworkConfiguration) -> list[Setting]:
    """Return the coupled trainings: k is varied at the first p, then p at the first k."""
    numbers, couplings = configuration.agents, configuration.coupling
    return [
        *(Setting(numbers[0], k) for k in couplings),
        *(Setting(p, couplings[0]) for p in numbers[1:]),
    ]


def measured(configuration: NetworkConfiguration) -> xr.Dataset:
    """Measure everything."""
    before = torch.get_num_threads()
    # small layers are slower on several processors, and vary in their last bits
    torch.set_num_threads(1)
    try:
        return _measured(configuration)
    finally:
        torch.set_num_threads(before)


def _measured(configuration: NetworkConfiguration) -> xr.Dataset:
    given, subject, means = configuration, subject_of(configuration), list[Tensor]()
    first, *others = settings(given)
    usual = coupled_runs(subject, first, given, means.append)
    coupled = xr.concat(
        [usual, *(coupled_runs(subject, setting, given) for setting in others)], "setting"
    )
    noise = by_batch_size(subject, means[-1], given.batches, given.repeats, (given.seed, BATCHES))
    whole = theory.load("minibatch_noise")
    factor = [
        whole.evaluate("without replacement", batch_size=b, examples=given.examples)
        for b in given.batches
    ]
    fixed = {
        "factor": ("batch", np.asarray(factor, np.float64)),
        "learning_rate": given.learning_rate,
        "batch_size": given.batch,
        "stationary": given.stationary,
        "examples": given.examples,
        "band": given.band,
    }
    steps = given.snapshots[-1] * given.runs * int(coupled["agents"].sum())
    svag = _svag(subject, given)
    return (
        xr.merge([coupled, _path(subject, means, given), noise, svag], combine_attrs="drop")
        .assign(fixed)
        .assign_attrs(agent_steps=steps + svag.attrs["agent_steps"], weights=len(means[0]))
    )


def _path(subject: Subject, means: list[Tensor], given: NetworkConfiguration) -> xr.Dataset:
    landscape, test = subject.landscape(), subject.landscape(subject.data.test)
    rng = np.random.default_rng((given.seed, TRACE))
    rows = []
    for point in means:
        ends = curvature(landscape, point)
        estimate = estimated_trace(landscape, point, given.repeats, rng)
        rows.append(
            {
                "smallest": ends.smallest,
                "largest": ends.largest,
                "trace": exact_trace(landscape, point),
                "estimate": estimate.value,
                "estimate_error": estimate.error,
                "loss": float(landscape.losses(point[None])),
                "accuracy": float(test.accuracies(point[None])),
            }
        )
    columns = {name: ("snapshot", [row[name] for row in rows]) for name in rows[0]}
    return xr.Dataset(columns, coords={"snapshot": list(given.snapshots)})


def _svag(subject: Subject, given: NetworkConfiguration) -> xr.Dataset:
    work, by_rate = 0, []
    for number, rate in enumerate(given.svag_rates):
        steps, several = round(given.svag_time / rate), round(rate / min(given.svag_rates))
        by_parts = []
        for parts in given.svag_parts:
            ends = matched_time(
                subject,
                rate=rate,
                steps=steps,
                parts=parts,
                batch=given.batch,
                replicas=given.replicas * several,
                seed=(given.seed, SVAG, number, parts),
            )
            # larger steps are fewer and noisier: for the same work there are several trainings
            by_parts.append(ends.coarsen(replica=several).mean())
        by_rate.append(xr.concat(by_parts, "parts"))
        work += steps * sum(given.svag_parts) * given.replicas * several
    found = xr.concat(by_rate, "rate").rename(
        {name: f"svag_{name}" for name in by_rate[0].data_vars}
    )
    labels = {"rate": list(given.svag_rates), "parts": list(given.svag_parts)}
    return found.assign_coords(labels).assign_attrs(agent_steps=work)
