"""Text as the published WikiText files have it: words between spaces, line after line."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from nets.data.data_set import Part
from nets.data.formats.reading import broken, opened
from sdeopt.errors import InvalidArgumentError

END = "<eos>"
UNKNOWN = "<unk>"
KIND = "a UTF-8 text of words between spaces"


def read_words(path: Path) -> list[str]:
    """Return the words of a text; the end of a line is a word too."""
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
    """The words of a text by number, the most frequent first."""

    def __init__(self, words: Iterable[str], size: int | None = None) -> None:
        counts = Counter(words)
        counts.pop(UNKNOWN, None)
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = [UNKNOWN, *ranked][:size]
        self._number = {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def numbers(self, words: Iterable[str]) -> torch.Tensor:
        """Return the numbers of words, that of ``<unk>`` for words outside."""
        found = np.fromiter((self._number.get(word, 0) for word in words), np.int64)
        return torch.from_numpy(found)


def windows(numbers: torch.Tensor, length: int) -> Part:
    """Cut a text into pieces, each with the words that follow its words."""
    count = (len(numbers) - 1) // length
    if count < 1:
        raise InvalidArgumentError(
            f"length is {length}, but the text has only {len(numbers)} words; "
            "choose shorter pieces."
        )
    whole = count * length
    return Part(numbers[:whole].reshape(count, length), numbers[1 : whole + 1].reshape(count, -1))
