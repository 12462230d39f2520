"""The command `sdeopt`. Each subcommand imports what it needs when it runs, so that help is quick."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from sdeopt.errors import SdeoptError
from sdeopt.streams import tell

USER_ERROR = 2
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""

OUT = Path("out")


class Subcommands(typer.core.TyperGroup):
    """The subcommands of this file and those that packages add; an error is printed as one sentence."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, those of this file first."""
        self._add()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; packages are searched only for names that this file does not have."""
        if cmd_name not in self.commands:
            self._add()
        return super().get_command(ctx, cmd_name)

    def _add(self) -> None:
        from sdeopt.commands.extension import added_commands

        self.commands = {**self.commands, **added_commands(), **self.commands}

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except SdeoptError as problem:
            _print_error(str(problem))
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt as interruption:
            _print_error(str(interruption) or "interrupted; nothing was written.")
            raise typer.Exit(INTERRUPTED) from None


def _print_error(sentence: str) -> None:
    # plain text, unwrapped: scripts read it and tests match it
    tell(f"sdeopt: {sentence}")


app = typer.Typer(
    name="sdeopt",
    cls=Subcommands,
    no_args_is_help=True,
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
        bool, typer.Option("--names", help="Names only, a line for every section, or a JSON list.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: all that is known, or the names.")
    ] = False,
) -> None:
    """List the experiments that can be run.

    Example: "sdeopt list".
    """
    from sdeopt.commands.listing import print_experiments, print_json, print_names

    if names:
        print_names(as_json)
    elif as_json:
        print_json()
    else:
        print_experiments()


@app.command("run")
def run_experiments(
    names: Annotated[list[str], typer.Argument(help="Names as `sdeopt list` shows them, or all.")],
    scale: Annotated[
        str, typer.Option(help="quick (seconds), desk (hours), paper (full).")
    ] = "quick",
    seed: Annotated[int | None, typer.Option(help="Another seed.")] = None,
    out: Out = OUT,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 unless every claim holds.")
    ] = False,
    animate: Annotated[
        bool, typer.Option("--animate", help="Write an animation too, MP4 or GIF.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes: experiments side by side, or parts of one.")
    ] = 1,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over results of other settings.")
    ] = False,
) -> None:
    """Run experiments; write their data, pictures and claims.

    Example: "sdeopt run fig1 --set replicas=20 --set steps=500 --seed 3 --out trial".
    """
    from sdeopt.commands.running import run

    log = run(names, scale, seed, out, settings or [], animate, workers, replace)
    if log.failures or (strict and log.open_claims):
        raise typer.Exit(1)


@app.command("report")
def write_report(out: Out = OUT) -> None:
    """Lay out all results of a folder as one HTML page.

    Example: "sdeopt report --out trial".
    """
    from sdeopt.commands.listing import report

    report(out)


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
    """Simulate the run that a TOML file describes.

    Example: "sdeopt simulate examples/rugged_well.toml --out rugged_well.nc".
    """
    from sdeopt.commands.simulating import run_simulation

    run_simulation(file, out, checkpoint)


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
    """Simulate every point of the grid that a TOML file describes.

    Example: "sdeopt sweep examples/coupling_sweep.toml --workers 2".
    """
    from sdeopt.commands.simulating import run_sweep

    run_sweep(file, out or Path(file.stem), settings or [], workers, scheduler)


@app.command("tune")
def tune_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The search, in TOML.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write to.", show_default="FILE")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change an entry; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search the best coupling of the loss in a TOML file.

    Example: "sdeopt tune examples/best_coupling.toml".
    """
    from sdeopt.commands.simulating import run_search

    run_search(file, out or Path(file.stem), settings or [], as_json)


@app.command("cite")
def cite(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(help="Experiments, or files of results; everything by default."),
    ] = None,
) -> None:
    """Print the BibTeX of the papers that an experiment or a run rests on.

    Example: "sdeopt cite fig1".
    """
    from sdeopt.commands.citing import print_citations

    print_citations(subjects or [])


@app.command("bench")
def run_benchmark(
    workloads: Annotated[
        list[str] | None,
        typer.Argument(
            help="W1, W1g, W2, W3, or ratios: few, dense, sums, laws, observed, links, formula; "
            "all by default."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads of the threaded run.")] = 2,
    repeats: Annotated[int, typer.Option(help="Turns of every program; the best counts.")] = 5,
    out: Annotated[Path | None, typer.Option("--out", help="A file for the figures, JSON.")] = None,
) -> None:
    """Measure the speed against numpy, numba, other libraries and a C++ program.

    Example: "sdeopt bench W1 --repeats 3".
    """
    from sdeopt.benchmark import main as measure

    measure(workloads or None, threads=threads, repeats=repeats, out=out)


def main() -> None:
    """Run the command line."""
    # Python starts worker processes with -c, which puts the current folder first on the import path:
    # a file math.py in it would be imported in place of the library.
    os.environ["PYTHONSAFEPATH"] = "1"
    for stream in (sys.stdout, sys.stderr):
        # A claim may hold signs that an old console cannot show; that must not stop a run.
        if isinstance(stream, io.TextIOWrapper) and not stream.closed:
            stream.reconfigure(errors="replace")
    app()
