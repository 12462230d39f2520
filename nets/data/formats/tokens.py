"""Text as the published WikiText files have it: words between spaces, line after line."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from nets.data.data_set import Part
from nets.data.formats.reading import broken, opened
from sdeopt.errors import InvalidArgumentError

__all__ = ["END", "UNKNOWN", "Vocabulary", "read_words", "windows"]

END = "<eos>"
UNKNOWN = "<unk>"
KIND = "a UTF-8 text of words between spaces"


def read_words(path: Path) -> list[str]:
    """Return the words of a text; the end of a line is a word too.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    list of str
        In order.

    Raises
    ------
    OutputError
        If the file is empty or no text, or its last line does not end, as in a truncated one. (A
        file cut exactly at the end of a line cannot be told from a whole one.)
    """
    with opened(path, KIND) as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise broken(path, KIND, f"has byte {problem.start:,} that is no UTF-8") from problem
    if not text.strip():
        raise broken(path, KIND, "is empty")
    if not text.endswith("\n"):
        raise broken(path, KIND, "ends within a line: it is truncated")
    return [word for line in text.split("\n")[:-1] for word in [*line.split(), END]]


class Vocabulary:
    """The words that a network knows, by number.

    Parameters
    ----------
    words : iterable of str
        A text to learn them from.
    size : int, optional
        Keep so many of the most frequent, of equally frequent ones the first in the alphabet; the
        others become ``<unk>``.

    Examples
    --------
    >>> from nets.data.formats.tokens import Vocabulary
    >>> vocabulary = Vocabulary("the cat and the dog".split(), size=3)
    >>> vocabulary.words
    ['<unk>', 'the', 'and']
    >>> vocabulary.numbers(["the", "mouse"])
    tensor([1, 0])
    """

    def __init__(self, words: Iterable[str], size: int | None = None) -> None:
        counts = Counter(words)
        counts.pop(UNKNOWN, None)
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = [UNKNOWN, *ranked][:size]
        self._number = {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def numbers(self, words: Iterable[str]) -> torch.Tensor:
        """Return the numbers of words, that of ``<unk>`` for words it does not know."""
        found = np.fromiter((self._number.get(word, 0) for word in words), np.int64)
        return torch.from_numpy(found)


def windows(numbers: torch.Tensor, length: int) -> Part:
    """Cut a text into pieces, each with the words that follow its words.

    Parameters
    ----------
    numbers : torch.Tensor
        The text's words, by number.
    length : int
        Words of a piece; what does not fill a last piece is left out.

    Returns
    -------
    Part
        Words and next words, of shape (pieces, length) each.

    Raises
    ------
    InvalidArgumentError
        If the text is shorter than one piece.

    Examples
    --------
    >>> import torch
    >>> from nets.data.formats.tokens import windows
    >>> windows(torch.arange(6), length=2).targets
    tensor([[1, 2],
            [3, 4]])
    """
    count = (len(numbers) - 1) // length
    if count < 1:
        raise InvalidArgumentError(
            f"length is {length}, but the text has only {len(numbers)} words; "
            "choose shorter pieces."
        )
    whole = count * length
    return Part(numbers[:whole].reshape(count, length), numbers[1 : whole + 1].reshape(count, -1))
