"""``sdeopt report``."""

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sdeopt.report import write_report

__all__ = ["write"]


def write(out: Path) -> None:
    """Write the report of a folder and say where it is.

    Parameters
    ----------
    out : pathlib.Path
        The folder of results.
    """
    page, problems = write_report(out)
    for problem in problems:
        print(f"sdeopt: {problem}", file=sys.stderr)
    Console().print(Text(str(page)))
