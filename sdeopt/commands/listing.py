"""``sdeopt list`` and ``sdeopt report``."""

from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.experiments.registry import Entry, entries, reading_order
from sdeopt.experiments.report import write_report
from sdeopt.streams import tell


def print_experiments() -> None:
    """Print every registered experiment; one that cannot be loaded is printed with the reason."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("name", "title", "scales", "source"):
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    found = sorted(entries(), key=_order)
    for section, members in groupby(found, key=_section):
        table.add_row("", Text(section, "bold"))
        for entry in members:
            # Text, because brackets in a package's message are no markup
            table.add_row(*(Text(cell) for cell in _cells(entry)))
    console = Console()
    if found:
        console.print(table)
    else:
        console.print("No experiments are installed; the sims package has some.")


def print_names() -> None:
    """Print the names of all experiments that can be run here, a line a section."""
    usable = [entry for entry in entries() if entry.experiment and not entry.experiment.lacking()]
    for _, members in groupby(sorted(usable, key=_order), key=_section):
        print(*(entry.name for entry in members))


def _order(entry: Entry) -> tuple[object, ...]:
    return entry.experiment is None, *reading_order(_section(entry), entry.name)


def _section(entry: Entry) -> str:
    return entry.experiment.section if entry.experiment else "Cannot be used"


def _cells(entry: Entry) -> tuple[str, ...]:
    experiment = entry.experiment
    if experiment is None:
        return entry.name, f"{entry.problem} ({entry.origin})"
    title = (
        f"{experiment.title} ({lacking})" if (lacking := experiment.lacking()) else experiment.title
    )
    return entry.name, title, ", ".join(experiment.scales), experiment.source


def report(out: Path) -> None:
    """Write the report of a folder and print where it is."""
    page, problems = write_report(out)
    for problem in problems:
        tell(f"sdeopt: {problem}")
    Console().print(Text(str(page)))
