"""The command `sdeopt`. Each subcommand imports what it needs when it runs, so that help is quick."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from sdeopt.errors import SdeoptError

USER_ERROR = 2
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""

OUT = Path("out")


class Polite(typer.core.TyperGroup):
    """A group of commands that answers a user's mistake with one sentence, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except SdeoptError as problem:
            _complain(str(problem))
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt as interruption:
            _complain(str(interruption) or "interrupted; nothing was written.")
            raise typer.Exit(INTERRUPTED) from None


def _complain(sentence: str) -> None:
    # plain text, unwrapped: scripts read it and tests match it
    print(f"sdeopt: {sentence}", file=sys.stderr)


app = typer.Typer(
    name="sdeopt",
    cls=Polite,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Coupled stochastic gradient descent as stochastic differential equations.",
)

Out = Annotated[Path, typer.Option("--out", help="The folder of results.", show_default=True)]


def _version(wanted: bool) -> None:
    if wanted:
        from sdeopt.version import __version__

        print(f"sdeopt {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Coupled stochastic gradient descent as stochastic differential equations."""


@app.command("list")
def list_experiments(
    names: Annotated[
        bool, typer.Option("--names", help="Names only, a line for every section.")
    ] = False,
) -> None:
    """List the experiments that can be run."""
    from sdeopt.commands import listing

    if names:
        listing.show_names()
    else:
        listing.show()


@app.command("run")
def run_experiments(
    names: Annotated[list[str], typer.Argument(help="Names as `sdeopt list` shows them, or all.")],
    scale: Annotated[str, typer.Option(help="quick (seconds) or paper (full size).")] = "quick",
    seed: Annotated[int | None, typer.Option(help="Another seed.")] = None,
    out: Out = OUT,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if a claim fails.")] = False,
    animate: Annotated[
        bool, typer.Option("--animate", help="Write an animation too, MP4 or GIF.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that run experiments side by side.")
    ] = 1,
) -> None:
    """Run experiments; write their data, pictures and claims."""
    from sdeopt.commands import running

    outcome = running.run(names, scale, seed, out, settings or [], animate, workers)
    if outcome.failures or (strict and outcome.failed_claims):
        raise typer.Exit(1)


@app.command("report")
def write_report(out: Out = OUT) -> None:
    """Lay out all results of a folder as one HTML page."""
    from sdeopt.commands import listing as reporting

    reporting.write(out)


@app.command("simulate")
def simulate_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The run, in TOML.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="FILE.nc or FILE.zarr.", show_default="FILE.nc")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A file to keep the state in, and to continue from.")
    ] = None,
) -> None:
    """Simulate the run that a TOML file describes."""
    from sdeopt.commands import simulating

    simulating.simulate(file, out or Path(file.name).with_suffix(".nc"), checkpoint)


@app.command("sweep")
def sweep_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The sweep, in TOML.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="The folder to write to, and to continue from.", show_default="FILE"
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change an entry; may be repeated."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that compute points side by side.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask cluster that computes them.")
    ] = None,
) -> None:
    """Simulate every point of the grid that a TOML file describes."""
    from sdeopt.commands import simulating as sweeping

    sweeping.run(file, out or Path(file.stem), settings or [], workers, scheduler)


@app.command("check")
def check_bounds(
    target: Annotated[
        str, typer.Argument(metavar="FILE.toml", help="The setting; or FILE.py:NAME, a mapping.")
    ],
    loss: Annotated[
        str | None, typer.Option(metavar="FILE.py:NAME", help="A loss of your own, in Python.")
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What you know: l, L, Q, C; may be repeated."),
    ] = None,
    replicas: Annotated[int | None, typer.Option(help="Independent copies to measure.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed.")] = None,
    out: Out = OUT,
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
    which it is looked at:

    \b
    loss = {expression = "x**2 + x**4/4"}
    box = [-2, 2]
    """  # noqa: D301  # \b, the backspace itself, keeps the lines below it apart
    from sdeopt.commands import checking

    held = checking.check(
        target,
        loss=loss,
        constants=constants or [],
        replicas=replicas,
        seed=seed,
        out=out,
        as_json=as_json,
    )
    if not held:
        raise typer.Exit(1)


@app.command("verify")
def verify_theory(
    name: Annotated[
        str | None, typer.Argument(help="A result, as the table shows it.", show_default="all")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Derive the results of the theory; with a NAME, show every step."""
    from theory.verify import command as verifying

    derived = verifying.verify(name, as_json) if name else verifying.verify_all(as_json)
    if not derived:
        raise typer.Exit(1)


@app.command("bench")
def run_benchmark(
    workloads: Annotated[
        list[str] | None, typer.Argument(help="W1, W1g, W2, W3; all by default.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads of the threaded run.")] = 2,
    repeats: Annotated[int, typer.Option(help="Turns of every program; the best counts.")] = 5,
    out: Annotated[Path | None, typer.Option("--out", help="A file for the figures, JSON.")] = None,
) -> None:
    """Measure the speed against numpy, numba, other libraries and a C++ program."""
    from sdeopt import benchmark

    benchmark.main(workloads or None, threads=threads, repeats=repeats, out=out)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A claim may hold signs that an old console cannot show; that must not stop a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
