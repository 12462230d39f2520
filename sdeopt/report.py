"""One HTML page with everything that was run: the paper, executed."""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sdeopt.errors import OutputError
from sdeopt.files import atomic_path, output_folder
from sdeopt.reproduction import Finding, findings
from sdeopt.version import __version__

__all__ = ["render", "write_report"]

PAGE = "report.html"


def write_report(out: str | os.PathLike[str]) -> tuple[Path, list[str]]:
    """Lay out the results of a folder as one page without any other file.

    Parameters
    ----------
    out : path
        The folder given to ``sdeopt run``; the page is ``report.html`` in it.

    Returns
    -------
    page : pathlib.Path
        What was written.
    problems : list of str
        A sentence for each result that could not be read; the page shows them too.

    Raises
    ------
    OutputError
        If nothing was run yet, or the page cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sdeopt.report import write_report
    >>> write_report(tempfile.mkdtemp() + "/new")
    Traceback (most recent call last):
        ...
    sdeopt.errors.OutputError: there are no results in ...; run some first: sdeopt run all --out ...
    """
    found, problems = findings(out)
    if not found and not problems:
        raise OutputError(
            f"there are no results in {out}; run some first: sdeopt run all --out {out}"
        )
    page = output_folder(out) / PAGE
    with atomic_path(page) as temporary:
        temporary.write_text(render(found, problems), encoding="utf-8")
    return page, problems


def render(found: Sequence[Finding], problems: Sequence[str] = ()) -> str:
    """Return the page as text.

    Parameters
    ----------
    found : sequence of Finding
        In the order of the page.
    problems : sequence of str
        What could not be read.

    Returns
    -------
    str
        HTML with its style and pictures in it.

    Examples
    --------
    >>> from sdeopt.report import render
    >>> render([]).startswith("<!DOCTYPE html>")
    True
    """
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("sdeopt", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {"digits": _digits, "duration": _duration, "setting": _setting}
    claims = [claim for finding in found for claim in finding.claims]
    return templates.get_template("report.html").render(
        findings=found,
        pictures={finding.name: _embedded(finding.picture) for finding in found},
        problems=problems,
        version=__version__,
        total=len(claims),
        held=sum(claim.holds for claim in claims),
    )


def _embedded(picture: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode("ascii")


def _digits(value: float) -> str:
    """Return a number as a reader wants it: three digits, large ones in words."""
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {word}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _setting(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_setting(entry) for entry in value)
    return (
        f"{value:,g}"
        if isinstance(value, float)
        else f"{value:,}"
        if type(value) is int
        else str(value)
    )
