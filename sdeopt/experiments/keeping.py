"""Results that took hours, kept with the source code.

``make keep OUT=out`` copies the results of larger scales than quick from a folder: the picture, the
claims, the record of the run, and the data, compressed. From the data the claims can be computed again.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from sdeopt import results
from sdeopt.errors import OutputError
from sdeopt.experiments.pictures import palette
from sdeopt.experiments.reproduction import Finding, findings
from sdeopt.files import atomic_path, output_folder

MOST = 300_000
"""Bytes of the data of an experiment: they stay in the history of the repository for ever."""

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
    for name in ("claims.json", "run.json"):
        with atomic_path(folder / name) as temporary:
            shutil.copyfile(finding.folder / name, temporary)
    with atomic_path(folder / finding.picture.name) as temporary:
        temporary.write_bytes(palette(finding.folder / finding.picture.name))


def claims_of(folder: Path) -> str:
    """Return the claims that the code of today finds in kept data, as in their file."""
    from sdeopt.experiments.registry import find

    experiment = find(folder.name)
    found = experiment.claims(results.load(folder / DATA))
    return json.dumps([claim.as_json() for claim in found], indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Keep the results of a folder: OUT, KEPT."""
    out, kept = map(Path, arguments)
    print(f"kept in {kept}: {', '.join(keep(out, kept))}")


if __name__ == "__main__":
    main(sys.argv[1:])
