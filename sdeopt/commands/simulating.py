"""``sdeopt simulate``, ``sdeopt sweep`` and ``sdeopt tune``."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr
from rich.console import Console
from rich.text import Text

from sdeopt import results
from sdeopt.errors import ClusterError, InvalidArgumentError
from sdeopt.files import output_folder
from sdeopt.plot.canvas import needs_matplotlib
from sdeopt.run_files.run_file import read_run_file
from sdeopt.run_files.sweep_file import read_sweep_file
from sdeopt.run_files.tune_file import read_tune_file
from sdeopt.simulation import engine
from sdeopt.sweeps import sweep
from sdeopt.tuning.best_coupling import best_coupling


def run_simulation(file: Path, out: Path | None, checkpoint: Path | None) -> None:
    """Simulate the run in a file and save it, by default under its name in the current folder."""
    arguments = read_run_file(file)
    out = out or Path(file.name).with_suffix(".nc")
    if checkpoint is not None:
        arguments["checkpoint"] = checkpoint
    if out.suffix not in results.SUFFIXES:  # checked before the run, not after
        raise InvalidArgumentError(f"--out is {out}; results are kept in .nc or .zarr.")
    output_folder(out.parent)
    results.refuse_folder(out)
    try:
        run = engine.simulate(**arguments)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_state_left(arguments.get("checkpoint"))) from None
    results.save(run, out)
    Console(soft_wrap=True).print(Text(f"{out}: {_shape(run)}; {_speed(run)}"))


def _state_left(checkpoint: str | Path | None) -> str:
    """Return what an interrupted run left, and how to continue it."""
    if checkpoint is None:
        return "interrupted; nothing was saved. With --checkpoint FILE a run can be continued."
    if not Path(checkpoint).exists():
        return "interrupted before the first step; nothing was saved."
    return f"interrupted; the state was saved in {checkpoint}: the same command continues from it."


def _shape(run: xr.Dataset) -> str:
    return " × ".join(f"{name} {size}" for name, size in run.sizes.items())


def _speed(run: xr.Dataset) -> str:
    return f"{run.attrs['agent_steps_per_second'] / 1e6:.0f} million agent-steps per second"


RESULT = "result.nc"
RUNS = "runs"


def run_sweep(
    file: Path, out: Path, settings: Sequence[str], workers: int | None, scheduler: str | None
) -> None:
    """Run the sweep in a file and save it."""
    arguments = read_sweep_file(file, settings)
    output_folder(out)
    with _cluster(workers, scheduler) as client:
        runs = sweep(**arguments, folder=out, client=client)
    results.save(runs, out / RESULT)
    speed = _speed(runs) if runs.attrs["agent_steps_per_second"] else "all points were there"
    Console(soft_wrap=True).print(Text(f"{out / RESULT}: {_shape(runs)}; {speed}"))


def run_search(file: Path, out: Path, settings: Sequence[str], as_json: bool = False) -> None:
    """Search the best coupling of the loss in a file; save what was found, and its picture."""
    needs_matplotlib()
    from sdeopt.plot.style import grid_of_panels, house_style, save

    arguments = read_tune_file(file, settings)
    output_folder(out)
    found = best_coupling(**arguments, folder=out / RUNS)
    results.save(found.runs, out / RESULT)
    with house_style():
        figure, panels = grid_of_panels(1, 1, width=5.0, height=3.2)
        found.draw(panels[0, 0])
    picture = out / "couplings.png"
    save(figure, picture)
    if as_json:
        print(json.dumps(found.document | {"files": [str(out / RESULT), str(picture)]}))
        return
    console = Console(soft_wrap=True)
    console.print(Text(str(found)))
    tried = found.runs.sizes["coupling"]
    console.print(Text(f"{picture}: the loss of the mean at {tried} couplings"))


@contextmanager
def _cluster(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    """Yield a client of the workers or the scheduler that were asked for, or None."""
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
