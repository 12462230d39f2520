"""The examples that the trainings of a figure draw from."""

import hashlib
from functools import lru_cache
from typing import Any

import torch

from nets.data import DataSet, load
from nets.data.data_set import shuffled
from nets.figures.task import Task
from nets.identity import digest_of
from sdeopt.errors import InvalidArgumentError

SUBSET = 2
"""What the random order is for: the examples of a run."""


def epoch_steps(task: Task) -> int:
    """Return how many steps a pass over the training examples takes."""
    examples = task.train or data_of(task).sizes[0]
    if not 1 <= task.batch <= examples:
        raise InvalidArgumentError(
            f"batch is {task.batch}, but must be at least 1 and at most {examples}, the number of "
            "training examples."
        )
    return examples // task.batch


def data_of_run(task: Task, seed: int) -> DataSet:
    """Return the data set, with the training and validation examples of one run."""
    data = data_of(task)
    if not task.train:
        return data
    validation = round(task.train * data.sizes[1] / data.sizes[0])
    if task.train > data.sizes[0]:
        raise InvalidArgumentError(
            f"train is {task.train}, but {data.name} has {data.sizes[0]} training examples; "
            "choose fewer, or 0 for all."
        )
    rows = [
        torch.from_numpy(first + shuffled(size, seed, SUBSET)[:count])
        for first, size, count in zip(
            (0, data.sizes[0], sum(data.sizes[:2])),
            data.sizes,
            (task.train, validation, data.sizes[2]),
            strict=True,
        )
    ]
    chosen = torch.cat(rows).to(data.device)
    sizes = (task.train, validation, data.sizes[2])
    return DataSet(
        data.name,
        data.inputs[chosen],
        data.targets[chosen],
        sizes,
        data.classes,
        f"{data.provenance} Of these, {task.train} and {validation} drawn for training and validation.",
    )


def data_of(task: Task) -> DataSet:
    """Return the data set of a task."""
    return whole_data(task.data, task.held_out, task.device, task.side)


def data_digest(task: Task) -> str:
    """Return a digest of the examples of a task, of all that its runs draw from."""
    return _digest(task.data, task.held_out, task.side)


@lru_cache(2)
def _digest(name: str, held_out: float, side: int) -> str:
    data = whole_data(name, held_out, "cpu", side)
    return digest_of([list(data.sizes), _contents(data.inputs), _contents(data.targets)])


def _contents(examples: torch.Tensor) -> dict[str, Any]:
    """Return a description of the examples that will not change: trainings of hours are named by it."""
    numbers = examples.contiguous().flatten().view(torch.uint8).numpy()
    return {
        "type": str(examples.dtype),
        "shape": list(examples.shape),
        "sha256": hashlib.sha256(numbers.data).hexdigest(),
    }


@lru_cache(2)
def whole_data(name: str, held_out: float, device: str, side: int = 0) -> DataSet:
    """Return a data set on a device, with images averaged to so many pixels a side, or as they are."""
    options: dict[str, Any] = {"held_out": held_out} if held_out else {}
    if side:
        options["side"] = side
    data = load(name, **options)
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidArgumentError(
            f"device is '{device}', but torch finds no GPU here; "
            "run it where there is one, or set device=cpu, which takes days."
        )
    return data.to(device)
