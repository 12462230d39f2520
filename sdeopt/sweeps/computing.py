"""Computing the points of a sweep: in this process, or on the workers of a Dask cluster."""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import xarray as xr

from sdeopt.errors import ClusterError, DivergenceError, InvalidArgumentError, SdeoptError
from sdeopt.losses.functions_loss import FunctionsLoss
from sdeopt.simulation import engine
from sdeopt.sweeps.planning import SweepPoint
from sdeopt.sweeps.storage import PointStore
from sdeopt.version import __version__

if TYPE_CHECKING:
    import distributed

TURN = threading.Lock()
"""A worker with several threads computes one point with all of them, not one point in each."""


def run_here(
    points: Iterable[SweepPoint], store: PointStore | None
) -> Iterator[tuple[SweepPoint, xr.Dataset]]:
    """Yield the points with their results, in order."""
    for point in points:
        checkpoint = None if store is None else store.checkpoint(point)
        try:
            result = engine.simulate(**point.arguments, checkpoint=checkpoint, progress=False)
        except SdeoptError as problem:
            raise at_point(point, problem) from problem
        yield point, result


def run_on_cluster(
    points: Sequence[SweepPoint], store: PointStore | None, client: "distributed.Client"
) -> Iterator[tuple[SweepPoint, xr.Dataset]]:
    """Yield the points with their results, in the order in which they are finished."""
    distributed = _library(client)
    call = uuid4().hex
    packed = [_packed(point) for point in points]
    # the largest first, so that no worker begins a long point when the others are done
    order = sorted(range(len(points)), key=lambda number: -points[number].work)
    waiting = {}
    for number in order:
        checkpoint = None if store is None else str(store.checkpoint(points[number]))
        key = f"sdeopt-point-{call}-{number}"
        future = client.submit(compute, packed[number], checkpoint, key=key, pure=False)
        waiting[future] = points[number]
    try:
        for future in distributed.as_completed(list(waiting)):
            point = waiting.pop(future)
            yield point, _result(future, point)
            future.release()
    finally:
        client.cancel(list(waiting))


def compute(packed: bytes, checkpoint: str | None) -> xr.Dataset:
    """Compute one point; this runs on a worker."""
    import cloudpickle  # type: ignore[import-untyped]
    import distributed

    usable = checkpoint is not None and Path(checkpoint).parent.is_dir()
    with TURN:
        try:
            arguments = {"threads": None, **cloudpickle.loads(packed)}
            if arguments["threads"] is None:
                arguments["threads"] = distributed.get_worker().state.nthreads
            kept = checkpoint if usable else None
            return engine.simulate(**arguments, checkpoint=kept, progress=False)
        except ImportError as problem:
            raise ClusterError(
                f"a worker lacks code of yours ({problem}); put the module that has it where "
                "workers can import it, or send it with client.upload_file."
            ) from problem


def at_point(point: SweepPoint, problem: SdeoptError) -> SdeoptError:
    """Return the error with the point at which it happened."""
    sentence = f"at {point.where}: {problem}"
    if isinstance(problem, DivergenceError):
        return DivergenceError(sentence, problem.replica, problem.step)
    return type(problem)(sentence)


def _library(client: object) -> Any:
    """Return the library of a client, after a check that it is one."""
    try:
        import distributed
    except ImportError:
        known = False
    else:
        known = isinstance(client, distributed.Client) and not client.asynchronous
    if not known:
        raise InvalidArgumentError(
            f"client is {client!r:.80}, but must be a dask.distributed.Client that is not "
            "asynchronous; make one with Client(LocalCluster()) or Client(address)."
        )
    return distributed


def _packed(point: SweepPoint) -> bytes:
    """Return the arguments of a point as bytes, functions and all."""
    import cloudpickle

    loss = point.arguments["loss"]
    if isinstance(loss, FunctionsLoss) and not loss.cached:
        raise InvalidArgumentError(
            f"at {point.where}: the source of the functions of this loss was not found, so they "
            "cannot be sent to a worker; define them in a file, or leave out the client."
        )
    try:
        return bytes(cloudpickle.dumps(point.arguments))
    except Exception as problem:  # pickling an object may raise anything
        raise InvalidArgumentError(
            f"at {point.where}: the arguments cannot be sent to a worker ({problem}); "
            "use plain functions and numbers, or leave out the client."
        ) from problem


def _result(future: "distributed.Future", point: SweepPoint) -> xr.Dataset:
    """Return what a worker computed; an error names the point."""
    import distributed

    try:
        result: xr.Dataset = future.result()
    except SdeoptError as problem:
        raise at_point(point, problem) from problem
    except distributed.KilledWorker as problem:
        raise ClusterError(
            f"at {point.where}: {problem.allowed_failures + 1} workers died, one after another; "
            "if they ran out of memory, take fewer replicas or record less."
        ) from problem
    except distributed.CancelledError as problem:
        raise ClusterError(
            f"at {point.where}: the cluster was lost; with a folder the same sweep continues "
            "from what is finished."
        ) from problem
    _check_same(result, point)
    return result


def _check_same(result: xr.Dataset, point: SweepPoint) -> None:
    """Refuse the result of a worker that computed another configuration."""
    if json.loads(result.attrs["configuration"]) != json.loads(json.dumps(point.configuration)):
        raise ClusterError(
            f"at {point.where}: a worker with sdeopt {result.attrs['sdeopt_version']} and Python "
            f"{result.attrs['python_version']} computed another configuration than sdeopt "
            f"{__version__} asked for here; install the same versions on all workers."
        )
