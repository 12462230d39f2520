"""``sdeopt list`` and ``sdeopt report``."""

import json
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.experiments.registry import Entry, entries, reading_order
from sdeopt.experiments.report import write_report
from sdeopt.streams import tell


def print_experiments() -> None:
    """Print name and title of every experiment; one that cannot be loaded is printed with the reason."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    found = sorted(entries(), key=_order)
    for section, members in groupby(found, key=_section):
        table.add_row("", Text(section, "bold"))
        for entry in members:
            # Text, because brackets in a package's message are no markup
            table.add_row(entry.name, Text(_title(entry)))
    console = Console()
    if not found:
        console.print("No experiments are installed; the sims package has some.")
        return
    console.print(table)
    console.print("`sdeopt run NAME` runs one; `sdeopt list --json` tells sources and scales too.")


def print_json() -> None:
    """Print all that is known of the experiments, for programs."""
    found = [
        {
            "name": entry.name,
            "section": _section(entry),
            "title": entry.experiment.title if entry.experiment else None,
            "source": entry.experiment.source if entry.experiment else None,
            "scales": list(entry.experiment.scales) if entry.experiment else [],
            "problem": (entry.experiment.lacking() if entry.experiment else entry.problem) or None,
        }
        for entry in sorted(entries(), key=_order)
    ]
    print(json.dumps(found, indent=2, ensure_ascii=False))


def print_names(as_json: bool = False) -> None:
    """Print the names of all experiments that can be run here, a line a section, or a JSON list."""
    usable = [entry for entry in entries() if entry.experiment and not entry.experiment.lacking()]
    usable.sort(key=_order)
    if as_json:
        print(json.dumps([entry.name for entry in usable], indent=2, ensure_ascii=False))
        return
    for _, members in groupby(usable, key=_section):
        print(*(entry.name for entry in members))


def _order(entry: Entry) -> tuple[object, ...]:
    return entry.experiment is None, *reading_order(_section(entry), entry.name)


def _section(entry: Entry) -> str:
    return entry.experiment.section if entry.experiment else "Cannot be used"


def _title(entry: Entry) -> str:
    experiment = entry.experiment
    if experiment is None:
        return f"{entry.problem} ({entry.origin})"
    lacking = experiment.lacking()
    return f"{experiment.title} ({lacking})" if lacking else experiment.title


def report(out: Path) -> None:
    """Write the report of a folder and print where it is."""
    page, problems = write_report(out)
    for problem in problems:
        tell(f"sdeopt: {problem}")
    Console(soft_wrap=True).print(Text(str(page)))
