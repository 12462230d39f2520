"""One HTML page with the results of all experiments of a folder."""

import functools
import itertools
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sdeopt.errors import OutputError
from sdeopt.experiment import CONTRADICTED, EQUIVALENT, HOLDS, UNDECIDED, VERDICTS
from sdeopt.experiments.pictures import Picture
from sdeopt.experiments.registry import reading_order
from sdeopt.experiments.reproduction import Failure, Finding, failures, findings
from sdeopt.experiments.statements import checked, places, statements
from sdeopt.files import atomic_path, output_folder
from sdeopt.version import __version__

PAGE = "report.html"

MARKS = {HOLDS: "✓", CONTRADICTED: "✗", EQUIVALENT: "≈", UNDECIDED: "?"}
"""The sign of each verdict."""

PLACE = re.compile(
    r", (?=(?:Figs?|Secs?|[eE]qs?|App)\.? |(?:Theorem|Lemma|Table|Corollary)s? |supplement)"
)
"""Where the source of an experiment goes on from the paper to the place in it."""

PAPER = re.compile(r"(.+? \((?:\d{4}|[^()]*manuscript)\))(?:, (.+))?")
"""A paper: in short, and by its title."""

CUT = re.compile(r" \((?!\d+\))|; |, (?=which|because|so that|all else)")
"""Where the name of a claim ends and its explanation begins."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class ReportEntry:
    """What a page shows of one experiment: its findings, why it failed, or both."""

    name: str
    title: str
    source: str
    section: str
    finding: Finding | None
    failure: Failure | None
    picture: Picture | None

    @classmethod
    def of(cls, finding: Finding | None, failure: Failure | None) -> "ReportEntry":
        """Return the entry; one of the two is given."""
        if finding is not None:
            title, source = finding.run["title"], finding.run["source"]
            picture = Picture.read(finding.picture)
            return cls(finding.name, title, source, finding.section, finding, failure, picture)
        assert failure is not None
        section = failure.section or "Experiments that cannot be loaded"
        return cls(failure.name, failure.title, failure.source, section, None, failure, None)

    def count(self, verdict: str) -> int:
        """Return the number of claims with a verdict."""
        return len(self.finding.found(verdict)) if self.finding else 0

    @property
    def place(self) -> str:
        """Where in its paper the experiment is."""
        return PLACE.split(self.source, maxsplit=1)[-1]

    @property
    def of_claims(self) -> str:
        """The worst verdict on its claims."""
        order = (CONTRADICTED, UNDECIDED, EQUIVALENT)
        worst = (verdict for verdict in order if self.count(verdict))
        return next(worst, HOLDS)

    @property
    def verdict(self) -> str:
        """The same, and `CONTRADICTED` where it did not run."""
        return self.of_claims if self.failure is None else CONTRADICTED


@dataclass(frozen=True)
class Section:
    """A part of a page."""

    title: str
    entries: list[ReportEntry]


def write_report(out: str | os.PathLike[str]) -> tuple[Path, list[str]]:
    """Write the results of a folder as one page that needs no other file."""
    found, problems = findings(out)
    failed = failures(out)
    if not (found or problems or failed):
        raise OutputError(
            f"there are no results in {out}; run some first: sdeopt run all --out {out}"
        )
    page = output_folder(out) / PAGE
    with atomic_path(page) as temporary:
        temporary.write_text(render(found, problems, failed), encoding="utf-8")
    return page, problems


def render(
    found: Sequence[Finding], problems: Sequence[str] = (), failed: Sequence[Failure] = ()
) -> str:
    """Return the page as text."""
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("sdeopt.experiments", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {
        function.__name__: function for function in (digits, duration, moment, setting)
    }
    templates.globals |= {"explained": explained}
    claims = [claim for finding in found for claim in finding.claims]
    sections = _sections(found, failed)
    rows = checked(statements(), {finding.name: finding.claims for finding in found})
    return templates.get_template("report.html").render(
        sections=sections,
        problems=problems,
        papers=papers(finding.run["source"] for finding in found),
        headlines=list(dict.fromkeys(filter(None, (each.headline for each in found)))),
        version=__version__,
        total=len(claims),
        counts={verdict: sum(claim.verdict == verdict for claim in claims) for verdict in VERDICTS},
        marks=MARKS,
        not_held=VERDICTS[1:],
        ran=len(found),
        statements=rows if any(any(row.claims.values()) for row in rows) else [],
        places=functools.partial(places, rows),
        not_run=sum(entry.finding is None for section in sections for entry in section.entries),
    )


def _sections(found: Sequence[Finding], failed: Sequence[Failure]) -> list[Section]:
    """Return the parts of the page in the order of reading."""
    of_finding = {finding.name: finding for finding in found}
    of_failure = {failure.name: failure for failure in failed}
    entries = sorted(
        (
            ReportEntry.of(of_finding.get(name), of_failure.get(name))
            for name in of_finding | of_failure
        ),
        key=lambda entry: reading_order(entry.section, entry.name),
    )
    grouped = itertools.groupby(entries, key=lambda entry: entry.section)
    return [Section(title, list(group)) for title, group in grouped]


def papers(sources: Iterable[str]) -> dict[str, str]:
    """Return the papers that experiments reproduce, each in short with its title."""
    named: dict[str, str] = {}
    for source in sources:
        if paper := PAPER.fullmatch(PLACE.split(source, maxsplit=1)[0]):
            # some experiments of a paper leave its title to the others
            named[paper[1]] = named.get(paper[1]) or paper[2] or ""
    return named


def explained(claim: str) -> tuple[str, str]:
    """Return the name of a claim, and what it says beyond it."""
    cut = CUT.search(claim, 25)
    if cut is None:
        return claim, ""
    return claim[: cut.start()], claim[cut.start() :].strip(",; ")


def digits(value: float) -> str:
    """Return a number in three digits, large ones in words."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if factor <= abs(value) < 1000 * factor:
            return _signed(f"{value / factor:.3g} {word}")
    if 1000 <= abs(value) < 1e9:
        return _signed(f"{value:,.0f}")
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    power = f"·10{str(int(exponent)).translate(RAISED)}" if exponent else ""
    return _signed(mantissa + power)


def setting(value: Any) -> str:
    """Return the value of a setting."""
    if isinstance(value, list):
        return ", ".join(setting(entry) for entry in value) or "none"
    if isinstance(value, dict):
        inner = [f"{key} {setting(entry)}" for key, entry in value.items() if key != "name"]
        name = str(value.get("name", ""))
        return (
            f"{name} ({', '.join(inner)})".strip() if name and inner else name or ", ".join(inner)
        )
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int | float):
        return _signed(f"{value:,}" if isinstance(value, int) else f"{value:,g}")
    return str(value)


def duration(seconds: float) -> str:
    """Return a time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def moment(created: str) -> str:
    """Return a date and time without seconds."""
    time = datetime.fromisoformat(created)
    return f"{time:%Y-%m-%d %H:%M %Z}".strip()


def _signed(text: str) -> str:
    return text.replace("-", "−")
