"""From the arguments of a sweep to its points, all checked before the first is run."""

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sdeopt.algorithms import Algorithm
from sdeopt.configuration import describe
from sdeopt.errors import CheckpointError, InvalidArgumentError, SdeoptError, unknown_name
from sdeopt.limits import Size, available_threads, check_size
from sdeopt.losses.loss import gradient_check
from sdeopt.record import End
from sdeopt.simulation.engine import ARGUMENTS, NOT_DECIDING, describe_run
from sdeopt.simulation.size import size_of
from sdeopt.statistics import MOMENTS
from sdeopt.statistics.selection import listed
from sdeopt.sweeps.naming import digest, point_seed
from sdeopt.sweeps.variation import Axis, Variation, variation_of

OTHER_NAMES = {"agents": "agent_count", "loss": "loss_function"}
"""Names of axes whose argument has the name of a variable of the result."""

IN_RESULTS = {
    "replica",
    "agent",
    "dim",
    "dim_2",
    "step",
    "time",
    "iteration",
    "quorum",
}
IN_RESULTS |= {"agents", "mean", "diverged_at", "point_seed", *MOMENTS}
IN_RESULTS |= {f"{of}_histogram{end}" for of in ("agents", "mean") for end in ("", "_bin")}
"""Dimensions and variables of results, besides the statistics."""

ACCEPTED = tuple(ARGUMENTS.parameters)
DECIDING = tuple(name for name in ACCEPTED if name not in NOT_DECIDING)
"""Arguments of `sdeopt.simulate`, and those that decide its result."""

REQUIRED = ("steps", "step_size", "start")

POINT_BYTES, POINT_SECONDS = 5e3, 2e-3
"""Of planning one point, at least."""

KEYS = {"statistics_every": "observe_every"}
"""Of an argument in the configuration of a run, where it is not its name."""


@dataclass(frozen=True)
class SweepPoint:
    """One simulation of a sweep."""

    index: tuple[int, ...]
    where: str
    arguments: dict[str, Any]
    configuration: dict[str, Any]
    name: str
    unknown: str
    work: int
    size: Size


@dataclass(frozen=True)
class SweepPlan:
    """All points of a sweep."""

    axes: tuple[Axis, ...]
    points: tuple[SweepPoint, ...]
    values: dict[str, list[Any]]
    seeds: list[int]
    same_noise: bool

    def configuration(self) -> dict[str, Any]:
        """Return everything that decides the result, as plain JSON values."""
        first, *others = (point.configuration for point in self.points)
        common = {k: first[k] for k in first if all(other[k] == first[k] for other in others)}
        seed = {"seed": self.seeds[0] if len(self.seeds) == 1 else self.seeds}
        return common | seed | {"same_noise": self.same_noise, "sweep": self.values}


def plan(arguments: Mapping[str, Any], same_noise: bool) -> SweepPlan:
    """Return the points of a sweep."""
    _check_names(arguments)
    found = {name: variation_of(name, value) for name, value in arguments.items()}
    varied = {
        name: _lasting(name, variation)
        for name, variation in found.items()
        if variation is not None
    }
    _check_varied(varied)
    fixed = {n: _reusable(n, value) for n, value in arguments.items() if n not in varied}
    axes = _named(varied, {*_statistics(varied, fixed), *_vectors(varied, fixed)})
    _check_number(varied.values(), fixed)
    points = []
    for chosen in itertools.product(*(variation.choices for variation in varied.values())):
        index = tuple(itertools.chain.from_iterable(choice.index for choice in chosen))
        values = {name: choice.value for name, choice in zip(varied, chosen, strict=True)}
        points.append(_point(index, _where(axes, index), fixed | values, tuple(varied), same_noise))
    _check_total(points, fixed)
    seed = int(fixed.get("seed", 0))
    _check_records(points)
    _check_distinct(points)
    _check_gradients([point.arguments for point in points])
    return SweepPlan(
        axes=axes,
        points=tuple(points),
        values={k: [describe(c.value) for c in v.choices] for k, v in varied.items()},
        seeds=[int(c.value) for c in varied["seed"].choices] if "seed" in varied else [seed],
        same_noise=same_noise,
    )


def _check_names(arguments: Mapping[str, Any]) -> None:
    if arguments.get("checkpoint") is not None:
        raise InvalidArgumentError(
            "a sweep keeps a checkpoint for every point; give it a folder instead of checkpoint."
        )
    for name in arguments:
        if name not in ACCEPTED:
            raise unknown_name("argument of a sweep called", name, ACCEPTED)
    missing = [name for name in REQUIRED if name not in arguments]
    if missing:
        raise InvalidArgumentError(f"the sweep lacks {', '.join(missing)}; add what is missing.")


def _check_varied(varied: Mapping[str, Variation]) -> None:
    if not varied:
        raise InvalidArgumentError(
            "no argument of the sweep varies; give at least one as a list (a tuple is one value)."
        )
    for name in varied:
        if name not in DECIDING:
            raise InvalidArgumentError(
                f"{name} is a list, but says how to compute a run and not which; give one value."
            )


def _reusable(argument: str, value: Any) -> Any:
    """Return statistics as a tuple: every point reads them, and an iterator gives them once."""
    return listed(value) if argument == "statistics" else value


def _lasting(argument: str, variation: Variation) -> Variation:
    """Return a variation whose values may be read many times."""
    choices = tuple(
        dataclasses.replace(choice, value=_reusable(argument, choice.value))
        for choice in variation.choices
    )
    return dataclasses.replace(variation, choices=choices)


def _statistics(varied: Mapping[str, Variation], fixed: Mapping[str, Any]) -> set[str]:
    """Return the names of the statistics."""
    given = [fixed.get("statistics", ())]
    if "statistics" in varied:
        given += [choice.value for choice in varied["statistics"].choices]
    return {str(getattr(entry, "name", entry)) for entries in given for entry in entries}


def _vectors(varied: Mapping[str, Variation], fixed: Mapping[str, Any]) -> set[str]:
    """Return the names that results have for the vectors that algorithms declare."""
    given = (
        [choice.value for choice in varied["algorithm"].choices] if "algorithm" in varied else []
    )
    return {
        vector.name
        for algorithm in [*given, fixed.get("algorithm")]
        if isinstance(algorithm, Algorithm)
        for vector in (*algorithm.agent_vectors.values(), *algorithm.replica_vectors.values())
    }


def _named(varied: Mapping[str, Variation], others: set[str]) -> tuple[Axis, ...]:
    """Return all axes, none with the name of another or of something in the results."""
    taken = IN_RESULTS | others
    plain = [axis.name for variation in varied.values() for axis in variation.axes]
    axes = []
    for argument, variation in varied.items():
        for axis in variation.axes:
            name = axis.name
            if name in taken or (axis.is_field and plain.count(name) > 1):
                name = (
                    f"{argument}_{name}"
                    if axis.is_field
                    else OTHER_NAMES.get(name, f"{name}_swept")
                )
            axes.append(dataclasses.replace(axis, name=name))
    return tuple(axes)


def _where(axes: tuple[Axis, ...], index: tuple[int, ...]) -> str:
    """Return the place of a point in words."""
    pairs = zip(axes, index, strict=True)
    return ", ".join(f"{axis.name} = {axis.labels[place]}" for axis, place in pairs)


def _point(
    index: tuple[int, ...],
    where: str,
    arguments: dict[str, Any],
    varied: tuple[str, ...],
    same_noise: bool,
) -> SweepPoint:
    try:
        run = describe_run(**arguments)
    except SdeoptError as problem:
        raise InvalidArgumentError(f"at {where}: {problem}") from problem
    configuration = run.configuration()
    keys = [KEYS.get(name, name) for name in varied if name != "seed"]
    seed = run.seed
    if not same_noise:
        seed = point_seed(seed, {key: configuration[key] for key in keys})
    configuration["seed"] = seed
    name, unknown = "", ""
    try:
        name = digest(run, seed)
    except CheckpointError as problem:
        unknown = str(problem)
    return SweepPoint(
        index=index,
        where=where,
        arguments=arguments | {"seed": seed},
        configuration=configuration,
        name=name,
        unknown=unknown,
        work=run.replicas * run.agents * run.steps,
        size=size_of(run, available_threads(arguments.get("threads"))),
    )


def _check_number(varied: Iterable[Variation], fixed: Mapping[str, Any]) -> None:
    """Refuse more points than can be listed."""
    count = math.prod(len(variation.choices) for variation in varied)
    size = Size(count * POINT_BYTES, 0, count * POINT_SECONDS)
    check_size(size, f"a sweep of {count} points", "vary fewer arguments or values", fixed)


def _check_total(points: Iterable[SweepPoint], fixed: Mapping[str, Any]) -> None:
    """Refuse a sweep whose results do not fit into memory together, or that takes too long."""
    sizes = [point.size for point in points]
    # all results, and the dataset that they become
    memory = max(size.memory for size in sizes) + 2 * sum(size.result for size in sizes)
    size = Size(memory, 0, sum(size.seconds for size in sizes))
    check_size(size, "this sweep", "vary fewer values, or record less", fixed)


def _check_distinct(points: Iterable[SweepPoint]) -> None:
    seen: dict[str, str] = {}
    for point in points:
        if point.unknown:
            continue
        if point.name in seen:
            raise InvalidArgumentError(
                f"the sweep holds one run twice, at {seen[point.name]} and at {point.where}; "
                "leave one of them out."
            )
        seen[point.name] = point.where


def _check_records(points: Iterable[SweepPoint]) -> None:
    records = [point.arguments.get("record") or End() for point in points]
    if len({record.is_series for record in records}) > 1:
        raise InvalidArgumentError(
            "record varies between the end and a series, which have no common shape; "
            "give a series with the last step in it, as record.At([steps])."
        )


def _check_gradients(points: Iterable[dict[str, Any]]) -> None:
    """Compare the gradients of all losses now, once each, instead of at every point."""
    losses = {}
    for arguments in points:
        if arguments.pop("check_gradient", False):
            losses[id(arguments["loss"])] = arguments["loss"]
    for loss in losses.values():
        gradient_check(loss)
