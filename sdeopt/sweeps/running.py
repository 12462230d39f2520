"""Computing points in this process, one after another, each with all threads."""

from collections.abc import Iterable, Iterator

import xarray as xr

from sdeopt import engine
from sdeopt.errors import DivergenceError, SdeoptError
from sdeopt.sweeps.planning import Point
from sdeopt.sweeps.storage import PointStore

__all__ = ["at_point", "run_here"]


def run_here(
    points: Iterable[Point], store: PointStore | None
) -> Iterator[tuple[Point, xr.Dataset]]:
    """Yield the points with their results, in order.

    Parameters
    ----------
    points : iterable of Point
        What is to be done.
    store : PointStore, optional
        Where unfinished points are kept.

    Yields
    ------
    tuple of Point and xarray.Dataset
        As soon as a point is finished.

    Raises
    ------
    SdeoptError
        What `sdeopt.simulate` raised, with the name of the point.
    """
    for point in points:
        checkpoint = None if store is None else store.checkpoint(point)
        try:
            result = engine.simulate(**point.arguments, checkpoint=checkpoint, progress=False)
        except SdeoptError as problem:
            raise at_point(point, problem) from problem
        yield point, result


def at_point(point: Point, problem: SdeoptError) -> SdeoptError:
    """Return an error that says at which point it happened.

    Parameters
    ----------
    point : Point
        The point.
    problem : SdeoptError
        What happened.

    Returns
    -------
    SdeoptError
        Of the same class.
    """
    sentence = f"at {point.where}: {problem}"
    if isinstance(problem, DivergenceError):
        return DivergenceError(sentence, problem.replica, problem.step)
    return type(problem)(sentence)
