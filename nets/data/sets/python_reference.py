"""The reference manual that ships with Python: a text without a download."""

import platform
import re
from pathlib import Path

from nets.data.assembly import WINDOW, text_data_set
from nets.data.data_set import DataSet, shuffled
from nets.data.formats.tokens import END

PARAGRAPH = re.compile(r"\n\s*\n")
WORD = re.compile(r"\w+|[^\w\s]")
RULE = re.compile(r"([^\w\s])\1{3,}")
"""A line drawn of characters, as in tables: it is no text."""

ORDER_SEED = 20


def read(
    folder: Path | None = None, *, length: int = WINDOW, vocabulary: int | None = 2_000
) -> DataSet:
    """Return the topics of ``help()`` in pieces, to predict each next word."""
    topics = _topics()
    order = [topics[number] for number in shuffled(len(topics), ORDER_SEED)]
    words = [word for topic in order for word in topic]
    first, second = len(words) * 8 // 10, len(words) * 9 // 10
    return text_data_set(
        "python_reference",
        f"the topics of help() in Python {platform.python_version()}, without repetitions",
        (words[:first], words[first:second], words[second:]),
        length=length,
        vocabulary=vocabulary,
    )


def _topics() -> list[list[str]]:
    """Return the words of each topic, less the paragraphs that an earlier one has."""
    from pydoc_data.topics import topics

    seen: set[str] = set()
    found = []
    for name in sorted(topics):
        paragraphs = [part for part in PARAGRAPH.split(topics[name]) if part not in seen]
        seen.update(paragraphs)
        found.append(
            [
                word
                for part in paragraphs
                for word in [*WORD.findall(RULE.sub(" ", part).lower()), END]
            ]
        )
    return found
