"""Text and tables as Markdown, whatever signs they hold."""

import re
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"""([!"#$%&'*+\-/;<>?@\[\\\]^_`{|}~])""")
"""Signs that may mean something in Markdown; with a backslash they are only themselves."""

ORPHAN = "---\norphan: true\n---"
"""A page that its overview links to: a hundred of them would fill the margin of every page."""


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is, on one line.

    >>> print(escaped("a*b | c"))
    a\*b \| c
    """
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [heads, ["---"] * len(heads), *rows]
    written = [f"| {' | '.join(line)} |" for line in lines]
    written[1] = written[1].replace(" ", "")
    return "\n".join(written)


def displayed(latex: str) -> str:
    """Return a formula on lines of its own."""
    return f"$$\n{latex}\n$$"


def items(lines: Iterable[str]) -> str:
    """Return a list, one item for each text; further lines of an item are indented."""
    return "\n".join("- " + line.replace("\n", "\n  ") for line in lines)


def folded(title: str, body: str) -> str:
    """Return a part that a reader opens."""
    return f":::::{{dropdown}} {title}\n{body}\n:::::"
