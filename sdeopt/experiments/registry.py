"""The experiments that installed packages offer, found by their entry points.

A package adds its own with, in ``setup.cfg``::

    [options.entry_points]
    sdeopt.experiments =
        mine = my_package.my_module:experiment
"""

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from sdeopt.errors import InvalidArgumentError, reason_of, unknown_name
from sdeopt.experiment import SECTIONS, Experiment

GROUP = "sdeopt.experiments"
"""The entry-point group."""


@dataclass(frozen=True)
class Entry:
    """A name in the registry: an experiment, or the reason why there is none."""

    name: str
    origin: str
    experiment: Experiment[Any] | None = None
    problem: str = ""


def entries() -> list[Entry]:
    """Return everything that is registered, in natural order (fig2 before fig10)."""
    points = _points()
    return [_load(points[name]) for name in sorted(points, key=natural_order)]


def find(name: str) -> Experiment[Any]:
    """Return the experiment of a name."""
    points = _points()
    if not isinstance(name, str) or name not in points:
        raise unknown_name("experiment", name, points)
    entry = _load(points[name])
    if entry.experiment is None:
        raise InvalidArgumentError(
            f"experiment '{name}' cannot be used: {entry.problem}; "
            f"repair or remove the package that registers {entry.origin}."
        )
    return entry.experiment


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sorting key by which fig2 comes before fig10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def reading_order(section: str, name: str) -> tuple[int, str, list[tuple[int, str]]]:
    """Return a sorting key for the order in which experiments are run and reported."""
    rank = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
    return rank, section, natural_order(name)


def _points() -> dict[str, EntryPoint]:
    """Return the entry points by name; the first of a name wins."""
    points: dict[str, EntryPoint] = {}
    # One distribution can be seen twice, e.g. installed and in the working directory.
    for point in entry_points(group=GROUP):
        points.setdefault(point.name, point)
    return points


def _load(point: EntryPoint) -> Entry:
    """Import what an entry point names."""
    try:
        found = point.load()
    except (Exception, SystemExit) as problem:  # any exception may come from a foreign package
        return Entry(point.name, point.value, problem=reason_of(problem))
    if not isinstance(found, Experiment):
        return Entry(point.name, point.value, problem=f"it is no Experiment but {found!r}")
    if found.name != point.name:
        return Entry(point.name, point.value, problem=f"it calls itself '{found.name}'")
    return Entry(point.name, point.value, experiment=found)
