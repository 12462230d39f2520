"""Results that took hours, kept with the source code, and the table of their verdicts in the README.

``make keep OUT=out`` copies the results of larger scales than quick from a folder: the picture, the
claims, the record of the run, and the data, compressed. From the data the claims can be computed again.
"""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sdeopt import results
from sdeopt.errors import OutputError
from sdeopt.experiment import VERDICTS
from sdeopt.experiments.reproduction import Finding, findings
from sdeopt.files import atomic_path, output_folder

MOST = 300_000
"""Bytes of the data of an experiment: they stay in the history of the repository for ever."""

BEGIN, END = "<!-- kept results: written by `make keep` -->", "<!-- end of kept results -->"
"""Between these lines of the README stands the table."""

DATA = "result.nc"


def keep(out: Path, kept: Path) -> list[str]:
    """Copy the results of larger scales than quick; return the names of their experiments."""
    found, problems = findings(out)
    if problems:
        raise OutputError(" ".join(problems))
    large = [finding for finding in found if finding.run["scale"] != "quick"]
    if not large:
        raise OutputError(f"there are no results of a larger scale than quick in {out}.")
    for finding in large:
        _copy(finding, output_folder(kept / finding.name))
    return [finding.name for finding in large]


def _copy(finding: Finding, folder: Path) -> None:
    with atomic_path(folder / DATA) as temporary:
        results.save(results.load(finding.folder / DATA), temporary, compress=True)
        size = temporary.stat().st_size
        if size > MOST:
            raise OutputError(
                f"the data of {finding.name} have {size:,} bytes, more than the {MOST:,} that are kept "
                "with the source code; let its result hold less."
            )
    for name in (finding.picture.name, "claims.json", "run.json"):
        with atomic_path(folder / name) as temporary:
            shutil.copyfile(finding.folder / name, temporary)


def table(found: Sequence[Finding]) -> str:
    """Return the verdicts of results as a table in Markdown."""
    if not found:
        return "No result of a larger scale is kept yet."
    lines = [
        "| experiment | scale | " + " | ".join(VERDICTS) + " |",
        "|---|---|" + "---:|" * len(VERDICTS),
    ]
    for finding in found:
        counts = Counter(claim.verdict for claim in finding.claims)
        numbers = " | ".join(str(counts[verdict]) for verdict in VERDICTS)
        lines.append(
            f"| [`{finding.name}`](docs/results/{finding.name}/{finding.picture.name}) | "
            f"{finding.run['scale']} | {numbers} |"
        )
    return "\n".join(lines)


def with_table(text: str, kept: Path) -> str:
    """Return the text of the README with the table of what is kept now."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise OutputError(f"the README has no place for the table: no lines {BEGIN} and {END}.")
    return f"{before}{begin}\n{table(findings(kept)[0])}\n{end}{after}"


def claims_of(folder: Path) -> str:
    """Return the claims that the code of today finds in kept data, as in their file."""
    from sdeopt.experiments.registry import find

    experiment = find(folder.name)
    found = experiment.claims(results.load(folder / DATA))
    return json.dumps([claim.as_json() for claim in found], indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Keep the results of a folder, and bring the table up to date: OUT, KEPT, README."""
    out, kept, readme = map(Path, arguments)
    names = keep(out, kept)
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), kept), encoding="utf-8")
    print(f"kept in {kept}: {', '.join(names)}")


if __name__ == "__main__":
    main(sys.argv[1:])
