"""sweep(): a grid of simulations as one `xarray.Dataset`."""

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import xarray as xr

from sdeopt.arguments import flag, path_of
from sdeopt.display import short_signature
from sdeopt.simulation.progress import TerminalBar
from sdeopt.sweeps.combination import combine
from sdeopt.sweeps.computing import run_here
from sdeopt.sweeps.planning import SweepPlan, SweepPoint, plan
from sdeopt.sweeps.storage import PointStore

if TYPE_CHECKING:
    import distributed
    import rich.progress


@short_signature
def sweep(
    loss: Any,
    algorithm: Any,
    *,
    same_noise: bool = False,
    folder: str | os.PathLike[str] | None = None,
    client: "distributed.Client | None" = None,
    progress: bool | None = None,
    **arguments: Any,
) -> xr.Dataset:
    """Simulate at every point of a grid.

    Every argument of `sdeopt.simulate` that decides its result may vary. What varies is given as

    - a list, a range or an array: the dimension is named after the argument. For a list of
      objects of one class it is named after the parameter in which they differ, e.g. ``coupling``;
    - ``so.grid(so.QSGD, coupling=[0, 3, 8])``: one object for every combination, with a dimension
      for every parameter that is a list;
    - a mapping from labels of your choice to values.

    Several such arguments make the full grid. A tuple is one value: ``step_size=(0.01, 0.02)`` is a
    step size for each of two agents, ``step_size=[0.01, 0.02]`` two runs. Statistics are a list that
    does not vary, as in `sdeopt.simulate`.

    Parameters
    ----------
    loss, algorithm : Loss, Algorithm, or what varies
        As for `sdeopt.simulate`.
    same_noise : bool
        True gives every point the seed as it is, so that all see the same noise and the same
        start as far as their sizes agree: the difference of two points is then less noisy than
        either (common random numbers). By default the seed of a point is a hash of the seed and of
        what varies at the point, and points are independent; it does not change when others are
        added to the grid.
    folder : path, optional
        Where finished points and checkpoints of unfinished ones are kept. The same call continues
        from there, and a larger grid begins with what it finds.
    client : dask.distributed.Client, optional
        A cluster that computes the points; the bits are those of this process. Its workers need
        the same version of sdeopt. Each computes one point at a time, with all its threads; a
        point whose worker dies goes to another one.
    progress : bool, optional
        Whether to show points done, rate and time left; by default only on a terminal.
    **arguments
        All others of `sdeopt.simulate` but `checkpoint`: steps, step_size, start, noise, agents, ...

    Returns
    -------
    xarray.Dataset
        The variables of `sdeopt.simulate` with the dimensions of the sweep before their own. A
        dimension whose name a variable or dimension has already is called ``agent_count``,
        ``loss_function``, or like ``loss_dim``. Where runs differ in size, what a smaller one lacks
        is NaN. Unless `same_noise`, the coordinate ``point_seed`` holds the seed with which
        `sdeopt.simulate` repeats a point.

    Raises
    ------
    InvalidArgumentError
        For an argument outside what is allowed, naming the first such point; before any run.
    DivergenceError
        If a replica diverged at a point and `on_divergence` is "raise".
    ClusterError
        If workers die at a point again and again, or compute something else.

    Examples
    --------
    >>> import sdeopt as so
    >>> runs = so.sweep(so.losses.RuggedWell(), [so.QSGD(coupling=k) for k in (0.0, 3.0, 8.0)],
    ...                 noise=so.noise.Uniform(7.0), agents=20, replicas=10, steps=200,
    ...                 step_size=[0.02, 0.04], start=so.start.Uniform(-3, 3), seed=7)
    >>> dict(runs["mean"].sizes)
    {'coupling': 3, 'step_size': 2, 'replica': 10, 'dim': 1}
    >>> runs["mean"].sel(coupling=8.0, step_size=0.04).dims
    ('replica', 'dim')
    """
    shared = flag(same_noise, "same_noise")
    planned = plan({"loss": loss, "algorithm": algorithm, **arguments}, shared)
    store = None
    if folder is not None:
        store = PointStore(path_of(folder, "folder"), arguments.get("on_divergence") == "mask")
        store.write_listing(planned)
    began = time.perf_counter()
    found: dict[tuple[int, ...], xr.Dataset] = {}
    computed = 0
    work = sum(point.work for point in planned.points)
    with PointCounter(len(planned.points), work, progress=progress) as counter:
        try:
            left = _left(planned, store, found)
            counter.found(len(found), work - sum(point.work for point in left))
            for point, result in _results(left, store, client):
                if store is not None:
                    store.save(point, result)
                found[point.index] = result
                computed += point.work
                counter.finished(point.work)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_farewell(counter.done, planned, folder)) from None
    return combine(planned, found, time.perf_counter() - began, computed)


def _left(
    planned: SweepPlan, store: PointStore | None, found: dict[tuple[int, ...], xr.Dataset]
) -> list[SweepPoint]:
    """Take the points that are stored, and return the others."""
    left = []
    for point in planned.points:
        result = None if store is None else store.load(point)
        if result is None:
            left.append(point)
        else:
            found[point.index] = result
    return left


def _results(
    points: list[SweepPoint], store: PointStore | None, client: "distributed.Client | None"
) -> Iterator[tuple[SweepPoint, xr.Dataset]]:
    if client is None:
        return run_here(points, store)
    from sdeopt.sweeps.computing import run_on_cluster

    return run_on_cluster(points, store, client)


def _farewell(done: int, planned: SweepPlan, folder: str | os.PathLike[str] | None) -> str:
    start = f"interrupted after {done} of {len(planned.points)} points"
    if folder is None:
        return f"{start}; nothing was kept. With a folder a sweep can be continued."
    return f"{start}; the same sweep continues from what is kept in {folder}."


class PointCounter(TerminalBar):
    """Show the progress of a sweep on the standard error stream."""

    def __init__(self, points: int, work: int, *, progress: bool | None = None) -> None:
        super().__init__("sweep", work, progress=progress, done=0, before=0, points=points)
        self.done = 0
        self._points = points

    def found(self, points: int, work: int) -> None:
        """Leave out points that were done before, in the rate and in the time left."""
        self.done += points
        if self._bar is not None and self._task is not None:
            left = self._total - work
            self._bar.reset(self._task, total=left, done=points, before=points, points=self._points)

    def finished(self, work: int) -> None:
        """Count one finished point."""
        self.done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=work, done=self.done)

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.TextColumn("{task.fields[done]} of {task.fields[points]} points")

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return _rate(task.fields["done"] - task.fields["before"], task.elapsed)


def _rate(points: int, seconds: float | None) -> str:
    """Return the speed in words: 2.5 points/s, or 12 s/point."""
    if not points or not seconds:
        return "– points/s"
    if points >= seconds:
        return f"{points / seconds:.3g} points/s"
    return f"{seconds / points:.3g} s/point"
