"""Docstrings as Sphinx reads them: signs of mathematics in their text are only themselves."""

import re
from typing import Any

QUOTED = re.compile(r"(`+[^`]*`+)")


def plain(line: str) -> str:
    r"""Return a line in which bars and single stars mean nothing, outside of backticks.

    >>> plain("the bound |x| of `a|b` for (points, *shape)")
    'the bound \\|x\\| of `a|b` for (points, \\*shape)'
    """
    parts = QUOTED.split(line)
    parts[::2] = [re.sub(r"\||(?<!\*)\*(?!\*)", r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts)


def mend(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Change the lines of a docstring in place; examples stay as they are."""
    del app, what, name, thing, options
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            lines[number] = plain(line)


def setup(app: Any) -> dict[str, bool]:
    """Mend docstrings before their sections are read."""
    app.connect("autodoc-process-docstring", mend, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
