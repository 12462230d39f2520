"""``sdeopt check``: a setting of one's own against every bound that applies."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdeopt.commands.extension import with_extra

if TYPE_CHECKING:
    from sims.check.report import Report


def check(
    target: Annotated[
        str, typer.Argument(metavar="FILE.toml", help="The setting; or FILE.py:NAME, a mapping.")
    ],
    loss: Annotated[
        str | None, typer.Option(metavar="FILE.py:NAME", help="A loss of your own, in Python.")
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="What you know: l, L, lambdabar, Q, C; may be repeated."
        ),
    ] = None,
    replicas: Annotated[int | None, typer.Option(help="Independent copies to measure.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed.")] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder of results.")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold your own loss and algorithm against all bounds that apply.

    It says which theorems apply and which do not, with which constants,
    and shows what they predict beside what a simulation measures. It
    exits with 1 if a bound that applies is broken.

    Constants that are not given are derived: exactly for quadratics and
    the losses of sdeopt, by interval arithmetic on a box for formulas,
    and by sampling in a box for Python functions.

    Example: write these lines to bowl.toml, then call
    "sdeopt check bowl.toml".

    \b
    agents = 8
    step_size = 0.1
    loss = {name = "QuadraticLogCosh", dim = 2, width = 0.5}
    algorithm = {name = "QSGD", coupling = 1}
    noise = {name = "Gaussian", standard_deviation = 1}

    A formula of your own takes the place of the loss, with the box in
    which its constants are derived:

    \b
    loss = {expression = "x**2 + x**4/4"}
    box = [-2, 2]
    """  # noqa: D301  # \b, the backspace itself, keeps the lines below it apart
    numbers = {"replicas": replicas, "seed": seed}
    changes = {name: value for name, value in numbers.items() if value is not None}
    held = with_extra(
        lambda: _run(target, loss, constants or [], changes, out, as_json),
        "a check",
        "sdeopt[sims]",
    )
    if not held:
        raise typer.Exit(1)


def _run(
    target: str,
    loss: str | None,
    constants: list[str],
    changes: dict[str, Any],
    out: Path,
    as_json: bool,
) -> bool:
    """Check, print the report, write picture and numbers; return whether no bound is broken."""
    # here, because `sdeopt --help` imports this module
    from sdeopt.files import output_folder
    from sims.check import checking
    from sims.check.reading import arguments_in, stated_constants
    from sims.check.report import show

    arguments, unused = arguments_in(target, loss)
    arguments |= changes
    if stated := stated_constants(constants):
        arguments["constants"] = {**(arguments.get("constants") or {}), **stated}
    output_folder(out)
    report = checking.check(**arguments)
    if unused:
        report.notes.append(
            f"A check has rules of its own for {', '.join(unused)}; what the file says was not used."
        )
    files = _write(report, out, Path(target.rpartition(":")[0] or target).stem)
    if as_json:
        print(_json(report))
    else:
        show(report)
        print(f"written to {', '.join(map(str, files))}")
    return not report.broken


def _write(report: "Report", out: Path, stem: str) -> list[Path]:
    """Write picture and numbers; each file is whole or not there."""
    from sdeopt.files import atomic_path
    from sdeopt.plot import style
    from sims.check.drawing import draw

    with style.house_style():
        figure = draw(report)
    files = [out / f"{stem}_check{suffix}" for suffix in (".png", ".pdf", ".json")]
    for file in files[:2]:
        with atomic_path(file) as temporary:
            style.save(figure, temporary)
    with atomic_path(files[2]) as temporary:
        temporary.write_text(f"{_json(report)}\n", encoding="utf-8")
    return files


def _json(report: "Report") -> str:
    return json.dumps(report.document, indent=2, ensure_ascii=False)
