"""``sdeopt simulate`` and ``sdeopt sweep``."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sdeopt import results
from sdeopt.errors import ClusterError, InvalidArgumentError
from sdeopt.files import output_folder
from sdeopt.run_files.run_file import read_run_file
from sdeopt.run_files.sweep_file import read_sweep_file
from sdeopt.simulation import engine
from sdeopt.sweeps import sweep


def simulate(file: Path, out: Path, checkpoint: Path | None) -> None:
    """Simulate the run in a file and save it."""
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


RESULT = "result.nc"


def run(
    file: Path, out: Path, settings: Sequence[str], workers: int | None, scheduler: str | None
) -> None:
    """Run the sweep in a file and save it."""
    arguments = read_sweep_file(file, settings)
    output_folder(out)
    with _cluster(workers, scheduler) as client:
        runs = sweep(**arguments, folder=out, client=client)
    results.save(runs, out / RESULT)
    shape = " × ".join(f"{name} {size}" for name, size in runs.sizes.items())
    speed = runs.attrs["agent_steps_per_second"] / 1e6
    pace = f"{speed:.0f} million agent-steps per second" if speed else "all points were there"
    Console(soft_wrap=True).print(Text(f"{out / RESULT}: {shape}; {pace}"))


@contextmanager
def _cluster(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """Yield a client of what was asked for, or None."""
    if workers is None and scheduler is None:
        yield None
        return
    if workers is not None and scheduler is not None:
        raise InvalidArgumentError(
            "--workers starts processes here and --scheduler names a cluster; give one of them."
        )
    try:
        import distributed
    except ImportError:
        raise InvalidArgumentError(
            "--workers and --scheduler need Dask; install it with pip install 'sdeopt[cluster]'."
        ) from None
    if scheduler is not None:
        try:
            client = distributed.Client(scheduler)
        except (OSError, ValueError) as problem:
            raise ClusterError(
                f"there is no Dask scheduler at {scheduler} ({problem}); check the address."
            ) from problem
        with client:
            yield client
        return
    with (
        distributed.LocalCluster(n_workers=workers, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
