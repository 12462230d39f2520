"""``sdeopt list``."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.registry import entries

__all__ = ["show"]


def show() -> None:
    """Print every registered experiment; one that cannot be loaded is shown with the reason."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("name", "title", "scales", "source"):
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    found = entries()
    for entry in found:
        experiment = entry.experiment
        if experiment is None:
            reason = f"cannot be used: {entry.problem} ({entry.origin})"
            row = (entry.name, reason, "", "")
        else:
            row = (entry.name, experiment.title, ", ".join(experiment.scales), experiment.source)
        # Text, because brackets in a stranger's message are no markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    if found:
        console.print(table)
    else:
        console.print("No experiments are installed; the sims package has some.")
