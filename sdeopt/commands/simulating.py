"""``sdeopt simulate``."""

from collections.abc import Hashable, Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sdeopt import engine, results
from sdeopt.errors import InvalidArgumentError
from sdeopt.files import output_folder
from sdeopt.run_file import read_run_file

__all__ = ["simulate"]


def simulate(file: Path, out: Path, checkpoint: Path | None) -> None:
    """Simulate the run in a file and save it.

    Parameters
    ----------
    file : pathlib.Path
        In TOML, as `sdeopt.run_file` reads it.
    out : pathlib.Path
        Where the result goes, ``.nc`` or ``.zarr``.
    checkpoint : pathlib.Path, optional
        In place of the one that the file may name.
    """
    arguments = read_run_file(file)
    if checkpoint is not None:
        arguments["checkpoint"] = checkpoint
    if out.suffix not in results.SUFFIXES:  # found out before the run, not after
        raise InvalidArgumentError(f"--out is {out}; results are kept in .nc or .zarr.")
    output_folder(out.parent)
    try:
        run = engine.simulate(**arguments)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_farewell(arguments.get("checkpoint"))) from None
    results.save(run, out)
    speed = run.attrs["agent_steps_per_second"] / 1e6
    Console().print(Text(f"{out}: {_shape(run.sizes)}; {speed:.0f} million agent-steps per second"))


def _farewell(checkpoint: str | Path | None) -> str:
    if checkpoint is None:
        return "interrupted; nothing was saved. With --checkpoint FILE a run can be continued."
    if not Path(checkpoint).exists():
        return "interrupted before the first step; nothing was saved."
    return f"interrupted; the state was saved in {checkpoint}: the same command continues from it."


def _shape(sizes: Mapping[Hashable, int]) -> str:
    return " × ".join(f"{name} {size}" for name, size in sizes.items())
