"""``sdeopt simulate``."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from sdeopt import engine, results
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
    results.check_path(out)
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
    return f"interrupted; the state was saved in {checkpoint}: the same command continues from it."


def _shape(sizes: object) -> str:
    return ", ".join(f"{size} {name}" for name, size in dict(sizes).items())  # type: ignore[call-overload]
