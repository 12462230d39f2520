"""What ``sdeopt verify`` prints: a table of results, or one derivation with every step."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sdeopt.commands.extension import print_line, wide_console
from theory.verify.verdict import FAILED, Details, Verdict

HEADINGS = ("name", "result", "status", "steps", "seconds")
COLOURS = {"proved": "green", "proved under assumptions": "green", FAILED: "bold red"}


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return all verdicts and their counts, ready for JSON."""
    return {
        "counts": dict(Counter(verdict.status for verdict in verdicts)),
        "seconds": sum(verdict.seconds for verdict in verdicts),
        "results": [dataclasses.asdict(verdict) for verdict in verdicts],
    }


def show_table(verdicts: Sequence[Verdict]) -> None:
    """Print the verdicts by source; results that could not be loaded come last."""
    console = wide_console()
    widths = [
        max((len(_cells(verdict)[column]) for verdict in verdicts), default=0)
        for column in range(len(HEADINGS))
    ]
    # `sorted` keeps the order within a source
    groups = groupby(sorted(verdicts, key=_section), key=_section)
    for position, ((_, source), members) in enumerate(groups):
        print_line(console, source or "Not loaded", "bold")
        console.print(_table(members, widths, show_header=position == 0))
    counts = Counter(verdict.status for verdict in verdicts)
    totals = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    seconds = sum(verdict.seconds for verdict in verdicts)
    print_line(console, f"{len(verdicts)} results: {totals}; {seconds:.1f} s of derivation", "bold")
    for verdict in verdicts:
        if not verdict.derived:
            print_line(console, f"{FAILED} {verdict.name}: {verdict.problem}", "bold red")
    if any(verdict.cites for verdict in verdicts):
        cited = Counter(name for verdict in verdicts for name in verdict.cites)
        print_line(
            console, "Assumed where sympy proves nothing: facts of analysis that are cited", "bold"
        )
        for name, uses in sorted(cited.items()):
            print_line(console, f"  {name} ({uses} result{'s' if uses > 1 else ''})")


def _table(verdicts: Iterable[Verdict], widths: Sequence[int], show_header: bool) -> Table:
    """Return the rows of one source; the columns of all sources stand below each other."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=show_header)
    for heading, width in zip(HEADINGS, widths, strict=True):
        number = heading in ("steps", "seconds")
        justify: Literal["left", "right"] = "right" if number else "left"
        table.add_column(
            heading,
            justify=justify,
            min_width=max(width, len(heading)) if number else None,
            width=None if number else max(width, len(heading)),
            no_wrap=number or heading == "name",
            overflow="fold",
        )
    for verdict in verdicts:
        table.add_row(*_cells(verdict))
    return table


def _section(verdict: Verdict) -> tuple[bool, str]:
    return not verdict.source, verdict.source


def _cells(verdict: Verdict) -> tuple[Text, ...]:
    status = Text(verdict.status, COLOURS.get(verdict.status, "yellow"))
    # Text, because brackets in a formula are no markup
    return (
        Text(verdict.name),
        Text(verdict.number),
        status,
        Text(str(verdict.steps)),
        Text(f"{verdict.seconds:.2f}"),
    )


def show_derivation(details: Details) -> None:
    """Print one result: what it states, what it assumes, and each step with its reason."""
    console, verdict = wide_console(), details.verdict
    print_line(
        console, f"{verdict.number or verdict.name}: {verdict.title or 'not loaded'}", "bold"
    )
    if verdict.source:
        print_line(console, verdict.source)
    _list(console, "States", details.statements, _sentence)
    _list(console, "Assumes", details.assumptions, _sentence)
    if details.instance:
        print_line(console, "\nNumbers that satisfy all of this at once", "bold")
        numbers = ", ".join(f"{name} = {value:.4g}" for name, value in details.instance.items())
        console.print(_indented(Text(numbers), 2))
    if details.in_words:
        print_line(console, "\nIn words: that these can hold with the rest is not checked", "bold")
        console.print(_indented(Text(", ".join(details.in_words)), 2))
    _list(console, "Cites, without proof", details.cited, _citation)
    _list(console, "Steps", details.steps, _step)
    _list(console, "Errors planted in it", details.planted, _planted)
    if details.remarks:
        print_line(console, "\nRemarks", "bold")
        console.print(_indented(Text(details.remarks), 2))
    outcome = f"{verdict.status}: {verdict.steps} steps checked by sympy, {verdict.seconds:.2f} s"
    print_line(console, f"\n{outcome}", COLOURS.get(verdict.status, "yellow"))
    if verdict.problem:
        print_line(console, verdict.problem, "bold red")


def _list(
    console: Console,
    heading: str,
    items: Sequence[Mapping[str, Any]],
    words: Callable[[Mapping[str, Any]], tuple[str, str]],
) -> None:
    if not items:
        return
    print_line(console, f"\n{heading}", "bold")
    for number, item in enumerate(items, start=1):
        first, second = words(item)
        console.print(_indented(Text(f"{number}. {first}"), 2))
        if second:
            console.print(_indented(Text(second, "cyan"), 6))


def _sentence(item: Mapping[str, Any]) -> tuple[str, str]:
    through = f" (by the {', '.join(item['through'])})" if item.get("through") else ""
    return f"{item['name']}: {item['words']}{through}", item["relation"]


def _citation(item: Mapping[str, Any]) -> tuple[str, str]:
    return f"{item['name']}: {item['words']} ({item['source']})", ""


def _step(item: Mapping[str, Any]) -> tuple[str, str]:
    return f"[{item['kind']}] {item['words']}", item["relation"]


def _planted(item: Mapping[str, Any]) -> tuple[str, str]:
    return f"{item['words']}: {'noticed' if item['noticed'] else 'NOT NOTICED'}", item["refusal"]


def _indented(text: Text, columns: int) -> Padding:
    return Padding(text, (0, 0, 0, columns), expand=False)
