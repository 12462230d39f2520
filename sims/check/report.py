"""What a check found, and how it is printed: the constants, one table, the notes."""

from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from sdeopt.arguments import one_of
from sdeopt.commands.extension import print_line, wide_console
from sdeopt.configuration import describe
from sims.check.case import Case
from sims.check.constants import DISTORTION, MEANINGS
from sims.check.measurement import Plan
from sims.check.theorem import BROKEN, HOLDS, NO_CLAIM, UNDECIDED, Row


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found.

    Parameters
    ----------
    case : Case
        The problem with its constants.
    plan : Plan
        How it was simulated.
    rows : list of Row
        One for each theorem, those that apply first.
    notes : list of str
        Sentences on the check as a whole.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.check import check
    >>> report = check(
    ...     so.losses.Quadratic(1.0), so.QSGD(coupling=1.0), noise=so.noise.Gaussian(1.0),
    ...     step_size=0.1, agents=4, replicas=400, progress=False,
    ... )
    >>> report.broken, report.row("theorem_5_1").verdict
    ([], 'holds')
    """

    case: Case
    plan: Plan
    rows: list[Row]
    notes: list[str]

    def row(self, name: str) -> Row:
        """Return the row of a theorem.

        Parameters
        ----------
        name : str
            As in `sims.check.theorems`.

        Returns
        -------
        Row
            Its numbers and the verdict.
        """
        rows = {row.name: row for row in self.rows}
        one_of(name, "row of the check called", rows)
        return rows[name]

    @property
    def broken(self) -> list[Row]:
        """The rows whose theorem applies and does not hold."""
        return [row for row in self.rows if row.verdict == BROKEN]

    @property
    def title(self) -> str:
        """What was checked, in one line."""
        problem = self.case.problem
        coupling = f"k = {problem.number('coupling'):g}, "
        return (
            f"{problem.kind} on {problem.loss.name}, n = {problem.loss.dim}: "
            f"{'' if problem.kind == 'SGD' else coupling}p = {problem.agents}, "
            f"η = {problem.step_size:g}, b = {problem.batch_size}"
        )

    @property
    def method(self) -> str:
        """How it was measured, in one line."""
        plan = self.plan
        clock = "the iteration" if self.case.problem.discrete else f"the SDE, dt = {plan.dt:.3g}"
        return (
            f"{clock}; {plan.replicas} replicas, {plan.early} steps thrown away, "
            f"{plan.steps - plan.early} averaged over"
        )

    @property
    def document(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        problem = self.case.problem
        names = ("loss", "algorithm", "noise", "step_size", "agents", "batch_size", "seed")
        constants = {
            name: {
                "value": describe(entry.value),
                "origin": entry.origin,
                "words": entry.words,
                "meaning": MEANINGS[name],
            }
            for name, entry in self.case.constants.entries.items()
        }
        return {
            "problem": {name: describe(getattr(problem, name)) for name in names},
            "constants": constants,
            "simulation": {
                "clock": describe(self.plan.clock),
                "steps": self.plan.steps,
                "thrown_away": self.plan.early,
                "replicas": self.plan.replicas,
            },
            "rows": [row.document for row in self.rows],
            "notes": self.notes,
        }


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
    """Print a report."""
    console = wide_console()
    print_line(console, report.title, "bold")
    print_line(console, f"measured: {report.method}")
    for constant in report.case.constants.entries.values():
        print_line(console, f"  {constant}: {MEANINGS[constant.name]}")
    print_line(console, f"  {DISTORTION}")
    shown = [row for row in report.rows if _belongs(row, report)]
    console.print(_table(shown))
    print_line(
        console,
        "ratio: predicted / measured, drawn inverted; ±: to a one-sided limit of 99.9% confidence",
    )
    others = [row for row in report.rows if row not in shown]
    if others:
        print_line(console, f"About other algorithms: {_listed(others)}.", "dim")
    for note in report.notes:
        print_line(console, note, "yellow")
    print_line(console, _summary(report), "bold")


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
    return "; ".join(
        f"{names} ({'; '.join(dict.fromkeys(titles))})" for names, titles in groups.items()
    )


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
