"""From the rows of a file, or the words of a text, to a `DataSet`."""

import numpy as np
import torch
from numpy.typing import NDArray

from nets.data.data_set import DataSet, Part, shuffled
from nets.data.formats.tokens import Vocabulary, windows
from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError

SPLIT_SEED = 20
"""The parts of a data set are the same in every run, or test examples would leak into training."""


def data_set(
    name: str,
    source: str,
    rows: Part,
    test: Part | None = None,
    *,
    classes: int,
    validation: float = 0.2,
    held_out: float = 0.2,
) -> DataSet:
    """Return a data set of labelled rows: split class by class, then standardized."""
    if test is None:
        kept, taken = stratified(rows.targets.numpy(), _fraction(held_out, "held_out"))
        rows, test = (Part(rows.inputs[which], rows.targets[which]) for which in (kept, taken))
    train, held = stratified(rows.targets.numpy(), _fraction(validation, "validation"))
    order = np.concatenate([train, held])
    inputs = torch.cat([rows.inputs[order], test.inputs]).float()
    targets = torch.cat([rows.targets[order], test.targets]).long()
    sizes = (len(train), len(held), len(test))
    text = (
        f"{source}; {sizes[0]:,} examples for training, {sizes[1]:,} for validation, "
        f"{sizes[2]:,} for test; standardized by the training part's mean and standard deviation."
    )
    return DataSet(name, standardized(inputs, sizes[0]), targets, sizes, classes, text)


def _fraction(value: float, name: str) -> float:
    """Return a fraction of the examples, or say why it cannot be one."""
    number = finite_number(value, name, minimum=0)
    if number >= 1:
        raise InvalidArgumentError(f"{name} is {number:g}, but must be a fraction below 1.")
    return number


def stratified(labels: NDArray[np.integer], held: float) -> tuple[NDArray[np.int64], ...]:
    """Split rows in two, each class by the same fraction."""
    order = shuffled(len(labels), SPLIT_SEED)
    taken = np.zeros(len(labels), bool)
    for value in np.unique(labels):
        members = order[labels[order] == value]
        taken[members[: round(held * len(members))]] = True
    return order[~taken[order]], order[taken[order]]


def standardized(inputs: torch.Tensor, training: int) -> torch.Tensor:
    """Return inputs whose channels (or features) have mean 0 and standard deviation 1 in training."""
    others = [0, *range(2, inputs.ndim)]
    scale, centre = torch.std_mean(inputs[:training], others, correction=0, keepdim=True)
    scale[scale == 0] = 1
    return inputs.sub_(centre).div_(scale)


WINDOW = 35
"""Words of a piece, as is usual for language models of this size."""


def text_data_set(
    name: str,
    source: str,
    parts: tuple[list[str], list[str], list[str]],
    *,
    length: int = WINDOW,
    vocabulary: int | None = None,
) -> DataSet:
    """Return a data set of pieces of text."""
    window = whole_number(length, "length", minimum=1)
    if vocabulary is not None:
        vocabulary = whole_number(vocabulary, "vocabulary", minimum=2)
    known = Vocabulary(parts[0], vocabulary)
    pieces = [windows(known.numbers(words), window) for words in parts]
    sizes = (len(pieces[0]), len(pieces[1]), len(pieces[2]))
    text = (
        f"{source}; {sizes[0]:,} pieces of {window} words for training, {sizes[1]:,} for "
        f"validation, {sizes[2]:,} for test; {len(known):,} words known."
    )
    inputs, targets = (torch.cat(tensors) for tensors in zip(*pieces, strict=True))
    return DataSet(name, inputs, targets, sizes, len(known), text)
