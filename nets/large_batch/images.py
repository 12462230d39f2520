"""The examples that the trainings of an experiment draw from: all, or some for each run."""

from functools import lru_cache
from typing import Any

import torch

from nets.data import DataSet, load
from nets.data.data_set import shuffled
from nets.identity import digest_of, identity_of
from nets.large_batch.configuration import LargeBatchTask, NoisyPlan
from sdeopt.errors import InvalidArgumentError

DRAWN = 2
"""What the random order is for: the examples of a run."""

TEXTS = ("python_reference", "wikitext2")
"""Data sets that come in pieces of text, with a validation part of their own."""


def epoch_steps(examples: int, batch: int, whole: bool) -> int:
    """Return the updates of an epoch."""
    return examples // batch if whole else -(-examples // batch)


def drawn(task: LargeBatchTask, plan: NoisyPlan, seed: int) -> DataSet:
    """Return the examples of a run: for training, for validation where some are held back, for test."""
    data = all_examples(task)
    whole = data.sizes[0]
    count = task.train or whole
    if count > whole:
        raise InvalidArgumentError(
            f"train is {count}, but {data.name} has {whole} training examples; "
            "choose fewer, or 0 for all."
        )
    held = count // 5 if plan.held_back else 0
    count = plan.examples or count
    rows = torch.from_numpy(shuffled(whole, seed, DRAWN)[:count])
    first_test = sum(data.sizes[:2])
    tested = min(task.tested or data.sizes[2], data.sizes[2])
    chosen = torch.cat([rows, torch.arange(first_test, first_test + tested)]).to(data.device)
    return DataSet(
        data.name,
        data.inputs[chosen],
        data.targets[chosen],
        (count - held, held, tested),
        data.classes,
        f"{data.provenance} Of these, {count} are drawn for a run.",
    )


def all_examples(task: LargeBatchTask) -> DataSet:
    """Return the data set of a task."""
    words = task.widths[2] if task.network == "lstm" else 0
    return _loaded(task.data, task.held_out, task.side, words, task.device)


def examples_of(task: LargeBatchTask) -> int:
    """Return how many examples a run trains on in the end."""
    return task.train or all_examples(task).sizes[0]


@lru_cache(2)
def _loaded(name: str, held_out: float, side: int, words: int, device: str) -> DataSet:
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidArgumentError(
            f"device is '{device}', but torch finds no GPU here; "
            "run it where there is one, or set device=cpu, which takes days."
        )
    if name in TEXTS:
        return load(name, vocabulary=words).to(device)
    options: dict[str, Any] = {"validation": 0.0}
    options |= {"held_out": held_out} if held_out else {}
    options |= {"side": side} if side else {}
    return load(name, **options).to(device)


@lru_cache(2)
def _digest(name: str, held_out: float, side: int, words: int) -> str:
    data = _loaded(name, held_out, side, words, "cpu")
    return digest_of([list(data.sizes), identity_of(data.inputs), identity_of(data.targets)])


def digest_of_data(task: LargeBatchTask) -> str:
    """Return a digest of all examples that the runs of a task draw from."""
    words = task.widths[2] if task.network == "lstm" else 0
    return _digest(task.data, task.held_out, task.side, words)
