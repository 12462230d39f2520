"""From the words of a text to a `DataSet` of pieces to predict the next word of."""

import torch

from nets.data.data_set import DataSet
from nets.data.formats.tokens import Vocabulary, windows
from sdeopt.arguments import whole_number

__all__ = ["WINDOW", "text_data_set"]

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
    >>> from nets.data.text import text_data_set
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
