"""``sdeopt sweep``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sdeopt import results
from sdeopt.errors import ClusterError, InvalidArgumentError
from sdeopt.files import output_folder
from sdeopt.sweeps import sweep
from sdeopt.sweeps.file import read_sweep_file

__all__ = ["run"]

RESULT = "result.nc"


def run(
    file: Path, out: Path, settings: Sequence[str], workers: int | None, scheduler: str | None
) -> None:
    """Run the sweep in a file and save it.

    Parameters
    ----------
    file : pathlib.Path
        In TOML, as `sdeopt.sweeps.file` reads it.
    out : pathlib.Path
        A folder: of the points while they are computed, and of the result.
    settings : sequence of str
        ``key=value`` each.
    workers : int, optional
        How many processes of this machine compute points side by side.
    scheduler : str, optional
        The address of a Dask cluster that does it.
    """
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
