"""What a check prints: the constants, one table, what to know."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sims.check.report import Report
from sims.check.row import BROKEN, HOLDS, NO_CLAIM, UNDECIDED, Row

__all__ = ["show"]

WIDE = 160
"""Columns where there is no terminal: a row should stay one line."""

COLOURS = {HOLDS: "green", BROKEN: "bold red", UNDECIDED: "yellow", NO_CLAIM: "dim"}

COLUMNS = (
    ("result", "left"),
    ("quantity", "left"),
    ("measured", "right"),
    ("± 99.9%", "left"),
    ("predicted", "right"),
    ("exact", "right"),
    ("ratio", "right"),
    ("verdict", "left"),
    ("constants, or why not", "left"),
)


def show(report: Report) -> None:
    """Print a report.

    Parameters
    ----------
    report : Report
        What was found.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    _line(console, report.title, "bold")
    _line(console, f"measured: {report.method}")
    for constant in report.case.constants.entries.values():
        _line(console, f"  {constant}")
    shown = [row for row in report.rows if _belongs(row, report)]
    console.print(_table(shown))
    _line(console, "ratio: predicted / measured; ±: to a one-sided limit of 99.9% confidence")
    others = [row for row in report.rows if row not in shown]
    if others:
        _line(console, f"About other algorithms: {_listed(others)}.", "dim")
    for note in report.notes:
        _line(console, note, "yellow")
    _line(console, _summary(report), "bold")


def _belongs(row: Row, report: Report) -> bool:
    """Return whether a row is about the algorithm; without any, whether something was measured."""
    if report.case.problem.kind in row.algorithms:
        return True
    return row.measured is not None and not any(each.applies for each in report.rows)


def _listed(rows: list[Row]) -> str:
    """Return the titles of rows, by what they are about."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(" or ".join(row.algorithms), []).append(row.title)
    return "; ".join(f"{names} ({', '.join(titles)})" for names, titles in groups.items())


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading, side in COLUMNS:
        table.add_column(heading, justify=side, overflow="fold", no_wrap=heading == "verdict")  # type: ignore[arg-type]
    for row in rows:
        # Text, because brackets are no markup
        table.add_row(*(Text(cell, style) for cell, style in _cells(row)))
    return table


def _cells(row: Row) -> list[tuple[str, str]]:
    style = "" if row.applies else "dim"
    known = row.upper is not None and row.measured is not None
    reach = f"{row.upper - row.measured:.1g}" if known else ""  # type: ignore[operator]
    predicted = "" if row.predicted is None else f"{row.relation} {_number(row.predicted)}"
    return [
        (row.title, style),
        (row.quantity, style),
        (_number(row.measured), style),
        (reach, style),
        (predicted, style),
        (_number(row.exact), style),
        ("" if row.ratio is None else f"{row.ratio:.3g}", style),
        (row.verdict, COLOURS[row.verdict]),
        (row.why, style),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _summary(report: Report) -> str:
    applying = [row for row in report.rows if row.applies]
    held = sum(row.verdict == HOLDS for row in applying)
    words = f"{len(applying)} of {len(report.rows)} theorems apply; {held} hold"
    if report.broken:
        words += f"; BROKEN: {', '.join(row.title for row in report.broken)}"
    undecided = sum(row.verdict == UNDECIDED for row in applying)
    return f"{words}; {undecided} undecided." if undecided else f"{words}."


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=not console.is_terminal)
