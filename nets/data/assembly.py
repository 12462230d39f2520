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
    """Return a data set of labelled rows: split class by class, then standardized.

    Parameters
    ----------
    name : str
        Of the data set.
    source : str
        What the rows are, a phrase that begins the provenance.
    rows : Part
        Inputs of any number type and class numbers.
    test : Part, optional
        The published test part. Without one, the fraction `held_out` of the rows is taken.
    classes : int
        How many classes there are.
    validation : float
        The fraction of the rows that are not for test which is for validation.
    held_out : float
        See `test`.

    Returns
    -------
    DataSet
        float32 inputs, standardized by the training part; class numbers as int64.

    Examples
    --------
    >>> import torch
    >>> from nets.data.assembly import data_set
    >>> from nets.data.data_set import Part
    >>> rows = Part(torch.arange(100.0)[:, None], torch.arange(100) % 4)
    >>> data_set("hundred", "the first hundred numbers", rows, classes=4).sizes
    (64, 16, 20)
    """
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
    """Return a fraction of the examples, or say why it cannot be one.

    Parameters
    ----------
    value : float
        What was given.
    name : str
        Of the argument.

    Returns
    -------
    float
        From 0 to below 1.
    """
    number = finite_number(value, name, minimum=0)
    if number >= 1:
        raise InvalidArgumentError(f"{name} is {number:g}, but must be a fraction below 1.")
    return number


def stratified(labels: NDArray[np.integer], held: float) -> tuple[NDArray[np.int64], ...]:
    """Split rows in two, each class by the same fraction.

    Parameters
    ----------
    labels : array of int
        The class of each row.
    held : float
        The fraction of each class that goes to the second part, rounded to whole rows.

    Returns
    -------
    tuple of numpy.ndarray
        The rows of both parts, mixed; the same in every run.

    Examples
    --------
    >>> import numpy as np
    >>> from nets.data.assembly import stratified
    >>> kept, taken = stratified(np.array([0, 0, 0, 0, 1, 1]), 0.5)
    >>> sorted(taken.tolist())
    [0, 1, 4]
    """
    order = shuffled(len(labels), SPLIT_SEED)
    taken = np.zeros(len(labels), bool)
    for value in np.unique(labels):
        members = order[labels[order] == value]
        taken[members[: round(held * len(members))]] = True
    return order[~taken[order]], order[taken[order]]


def standardized(inputs: torch.Tensor, training: int) -> torch.Tensor:
    """Return inputs whose channels (or features) have mean 0 and standard deviation 1 in training.

    Parameters
    ----------
    inputs : torch.Tensor, shape (examples, channels, ...)
        Overwritten.
    training : int
        How many examples, from the first, the mean and deviation are those of.

    Returns
    -------
    torch.Tensor
        The inputs. A channel without variation is only centred.

    Examples
    --------
    >>> import torch
    >>> from nets.data.assembly import standardized
    >>> standardized(torch.tensor([[1.0], [3.0], [4.0]]), training=2)
    tensor([[-1.],
            [ 1.],
            [ 2.]])
    """
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
    """Return a data set of pieces of text.

    Parameters
    ----------
    name : str
        Of the data set.
    source : str
        What the text is, a phrase that begins the provenance.
    parts : tuple of list of str
        The words for training, validation and test.
    length : int
        Words of a piece.
    vocabulary : int, optional
        Keep so many of the most frequent words of the training part; by default all of them.

    Returns
    -------
    DataSet
        Words and next words by number, and as many classes as words are known.

    Examples
    --------
    >>> from nets.data.assembly import text_data_set
    >>> data = text_data_set("abc", "made up", (["a", "b", "c"] * 9, ["a"] * 5, ["d"] * 5), length=4)
    >>> data.sizes, data.classes
    ((6, 1, 1), 4)
    """
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
