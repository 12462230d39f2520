"""The table of what is reproduced, as the README has it: every experiment, its verdicts, its scale.

``make table`` writes it, from the results that are kept and, for all other experiments, from a folder of
quick ones.
"""

import itertools
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sdeopt.errors import OutputError
from sdeopt.experiment import CONTRADICTED, EQUIVALENT, HOLDS, UNDECIDED
from sdeopt.experiments.registry import entries, reading_order
from sdeopt.experiments.reproduction import Finding, findings
from sdeopt.files import atomic_path

BEGIN, END = "<!-- results: written by `make table` -->", "<!-- end of results -->"
"""Between these lines of the README stands the table."""

HEADS = ("experiment", "what it shows", "hold", "contradicted", "open", "scale")


def at_hand(folders: Sequence[Path]) -> dict[str, Finding]:
    """Return the findings of some folders, by experiment; those of the first folder come first."""
    found: dict[str, Finding] = {}
    for folder in folders:
        for finding in findings(folder)[0]:
            found.setdefault(finding.name, finding)
    return found


def row(finding: Finding) -> str:
    """Return the line of an experiment; open is what is undecided or equivalent."""
    counts = Counter(claim.verdict for claim in finding.claims)
    cells = [
        f"`{finding.name}`",
        finding.run["title"],
        f"{counts[HOLDS]} of {len(finding.claims)}",
        str(counts[CONTRADICTED]),
        str(counts[EQUIVALENT] + counts[UNDECIDED]),
        finding.run["scale"],
    ]
    return f"| {' | '.join(cells)} |"


def table(found: Mapping[str, Finding]) -> str:
    """Return the lines of all experiments, by section, with what they add up to before them."""
    ordered = sorted(found.values(), key=lambda each: reading_order(each.section, each.name))
    lines = [f"| {' | '.join(HEADS)} |", "|---|---|---:|---:|---:|---|"]
    for section, members in itertools.groupby(ordered, key=lambda each: each.section):
        lines += [f"| | **{section}** | | | | |", *map(row, members)]
    counts = Counter(claim.verdict for finding in ordered for claim in finding.claims)
    total = (
        f"Of {counts.total()} claims {counts[HOLDS]} hold, {counts[CONTRADICTED]} are contradicted and "
        f"{counts[EQUIVALENT] + counts[UNDECIDED]} are open."
    )
    return "\n".join([total, "", *lines])


def with_table(text: str, found: Mapping[str, Finding]) -> str:
    """Return the text of the README with the table of these results."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise OutputError(f"the README has no place for the table: no lines {BEGIN} and {END}.")
    return f"{before}{begin}\n{table(found)}\n{end}{after}"


def write_table(readme: Path, folders: Sequence[Path]) -> None:
    """Write the table of some folders into the README; every experiment must have results."""
    found = at_hand(folders)
    absent = sorted({entry.name for entry in entries()} - found.keys())
    if absent:
        raise OutputError(
            f"there are no results of {', '.join(absent)} in {', '.join(map(str, folders))}; "
            f"`sdeopt run {absent[0]} --out {folders[-1]}` makes those of {absent[0]}."
        )
    text = with_table(readme.read_text(encoding="utf-8"), found)
    with atomic_path(readme) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
