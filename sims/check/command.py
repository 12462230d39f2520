"""``sdeopt check``: a file of one's own against every bound that applies."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sdeopt.files import atomic_path, output_folder
from sdeopt.plot import style as plotting
from sims.check import report as table
from sims.check.checking import check
from sims.check.drawing import draw
from sims.check.reading import arguments_in, stated_constants
from sims.check.report import Report


def run(
    target: str,
    *,
    loss: str | None,
    constants: Sequence[str],
    replicas: int | None,
    seed: int | None,
    out: Path,
    as_json: bool,
) -> bool:
    """Check what a user hands over, print it, and write picture and numbers."""
    arguments, unused = arguments_in(target, loss)
    changes: dict[str, Any] = {"replicas": replicas, "seed": seed}
    arguments |= {key: value for key, value in changes.items() if value is not None}
    stated = stated_constants(constants)
    if stated:
        arguments["constants"] = {**(arguments.get("constants") or {}), **stated}
    output_folder(out)
    report = check(**arguments)
    if unused:
        report.notes.append(
            f"A check has rules of its own for {', '.join(unused)}; what the file says was not used."
        )
    files = _write(report, out, Path(target.rpartition(":")[0] or target).stem)
    if as_json:
        print(json.dumps(report.document, indent=2, ensure_ascii=False))
    else:
        table.show(report)
        Console(soft_wrap=True).print(Text(f"written to {', '.join(map(str, files))}"))
    return not report.broken


def _write(report: Report, out: Path, stem: str) -> list[Path]:
    """Write picture and numbers; each file is whole or not there."""
    with plotting.house_style():
        figure = draw(report)
    files = [out / f"{stem}_check{suffix}" for suffix in (".png", ".pdf", ".json")]
    for file in files[:2]:
        with atomic_path(file) as temporary:
            plotting.save(figure, temporary)
    with atomic_path(files[2]) as temporary:
        document = json.dumps(report.document, indent=2, ensure_ascii=False)
        temporary.write_text(f"{document}\n", encoding="utf-8")
    return files
