"""How an argument of a sweep varies: its values, their dimensions and labels."""

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdeopt.configuration import describe
from sdeopt.errors import InvalidArgumentError, SdeoptError
from sdeopt.increments import Increments
from sdeopt.sweeps.naming import Label, is_digest, label, labels

PATH_AXES = 4
"""Axes of one path of increments, which is an array itself."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a sweep."""

    name: str
    labels: tuple[Label, ...]
    meaning: str
    is_field: bool = False


@dataclass(frozen=True)
class Choice:
    """One value of an argument, and where it stands on the axes of its variation."""

    index: tuple[int, ...]
    value: Any


@dataclass(frozen=True)
class Variation:
    """All values of an argument."""

    axes: tuple[Axis, ...]
    choices: tuple[Choice, ...]


def grid(make: Callable[..., Any], *fixed: Any, **parameters: Any) -> Variation:
    """Return one object for every combination of parameters, to give to `sdeopt.sweep`.

    Parameters
    ----------
    make : callable
        A class such as ``so.QSGD``, or a function that returns an argument of `sdeopt.simulate`.
    *fixed : object
        Its positional arguments, the same for all.
    **parameters : object
        Its keyword arguments. A list, a range or an array is taken entry by entry, and the
        parameter becomes a dimension of the sweep; anything else is the same for all.

    Returns
    -------
    Variation
        For any argument of `sdeopt.sweep`.

    Raises
    ------
    InvalidArgumentError
        If nothing varies, or `make` refuses a combination.

    Examples
    --------
    >>> import sdeopt as so
    >>> runs = so.sweep(so.losses.RuggedWell(), so.grid(so.QSGD, coupling=[0.0, 3.0, 8.0]),
    ...                 noise=so.noise.Uniform(7.0), agents=10, steps=100, step_size=0.04,
    ...                 start=so.grid(lambda width: so.start.Uniform(-width, width), width=[1, 3]))
    >>> dict(runs["mean"].sizes)
    {'coupling': 3, 'width': 2, 'replica': 1, 'dim': 1}
    """
    varied = {name: _entries(value) for name, value in parameters.items() if _is_many(value)}
    constant = {name: value for name, value in parameters.items() if name not in varied}
    called = getattr(make, "__name__", type(make).__name__)
    if not varied:
        raise InvalidArgumentError(
            f"so.grid({called}, ...) varies nothing; give at least one parameter as a list."
        )
    for name, entries in varied.items():
        _check_some(entries, f"{name} of so.grid({called}, ...)")
    choices = []
    for index in itertools.product(*(range(len(entries)) for entries in varied.values())):
        chosen = {name: varied[name][i] for name, i in zip(varied, index, strict=True)}
        choices.append(Choice(index, _made(make, called, fixed, constant, chosen)))
    axes = [field_axis(name, called, labels(entries)) for name, entries in varied.items()]
    return Variation(tuple(axes), tuple(choices))


def variation_of(argument: str, value: Any) -> Variation | None:
    """Return how an argument varies, or None where it has one value."""
    if isinstance(value, Variation):
        return value
    if isinstance(value, Mapping):
        _check_some(value, argument)
        return _line(argument, list(value.values()), labels(list(value)))
    if argument == "statistics" or not _is_many(value):
        return None
    entries = _entries(value)
    _check_some(entries, argument)
    if argument == "increments" and not all(_is_path(entry) for entry in entries):
        return None
    return _listed(argument, entries)


def _is_many(value: object) -> bool:
    if isinstance(value, list | range | Iterator):
        return True
    return hasattr(value, "__array__") and np.ndim(value) > 0


def _entries(value: Any) -> list[Any]:
    if isinstance(value, np.ma.MaskedArray):
        raise InvalidArgumentError(
            "a masked array was given to a sweep; give its entries without the masked ones."
        )
    return list(np.asarray(value)) if hasattr(value, "__array__") else list(value)


def _is_path(entry: Any) -> bool:
    return isinstance(entry, Increments) or np.ndim(entry) == PATH_AXES


def _check_some(entries: Sequence[Any] | Mapping[Any, Any], what: str) -> None:
    if not entries:
        raise InvalidArgumentError(f"{what} is empty; a sweep needs at least one value of it.")


def _line(argument: str, values: Sequence[Any], names: Sequence[Label]) -> Variation:
    choices = [Choice((i,), value) for i, value in enumerate(values)]
    return Variation((Axis(argument, tuple(names), argument),), tuple(choices))


def field_axis(name: str, owner: str, names: Sequence[Label]) -> Axis:
    """Return the axis along which a parameter of an object varies."""
    return Axis(name, tuple(names), f"{name} of {owner}", is_field=True)


def _listed(argument: str, values: Sequence[Any]) -> Variation:
    """Return the variation of a list; the fields in which its objects differ name the axes."""
    descriptions = _completed([describe(value) for value in values], values)
    kinds = {_kind(description) for description in descriptions}
    if len(kinds) == 1 and None not in kinds:
        found = _by_fields(descriptions, values)
        if found is not None:
            return found
    return _line(argument, values, labels(_differences(descriptions)))


def _completed(descriptions: list[Any], values: Sequence[Any]) -> list[Any]:
    """Return the descriptions, each with the fields that only others of its class tell."""
    told: dict[str | None, list[str]] = {}
    for description in descriptions:
        if _kind(description) is not None:
            names = told.setdefault(_kind(description), [])
            names += [name for name in description if name not in names]
    return [
        description
        if _kind(description) is None
        else description
        | {
            name: describe(getattr(value, name))
            for name in told[_kind(description)]
            if name not in description and hasattr(value, name)
        }
        for description, value in zip(descriptions, values, strict=True)
    ]


def _kind(description: Any) -> str | None:
    """Return the name of the class behind a description; None for a plain value."""
    name = description.get("name") if isinstance(description, dict) else None
    return None if name == "Constant" else name


def _differing(descriptions: Sequence[dict[str, Any]]) -> list[str]:
    """Return the fields in which the objects differ, unless they are digests."""
    first = descriptions[0]
    return [
        key
        for key in first
        if any(other.get(key) != first[key] for other in descriptions)
        and not any(is_digest(other.get(key)) for other in descriptions)
    ]


def _differences(descriptions: Sequence[Any]) -> list[Any]:
    """Return the descriptions without what all objects of their class have in common."""
    kinds = [_kind(description) for description in descriptions]
    shown: list[Any] = []
    for kind, description in zip(kinds, descriptions, strict=True):
        if kind is None:
            shown.append(description)
            continue
        alike = [d for k, d in zip(kinds, descriptions, strict=True) if k == kind]
        fields = ["name", *_differing(alike)]
        shown.append({key: description[key] for key in fields if key in description})
    return shown


def _by_fields(descriptions: Sequence[dict[str, Any]], values: Sequence[Any]) -> Variation | None:
    """Return the grid over the fields that differ, or None where the objects do not fill one."""
    fields = _differing(descriptions)
    ticks: dict[str, list[Any]] = {field: [] for field in fields}
    for description in descriptions:
        for field in fields:
            if description.get(field) not in ticks[field]:
                ticks[field].append(description.get(field))
    places = [tuple(ticks[f].index(d.get(f)) for f in fields) for d in descriptions]
    size = int(np.prod([len(entries) for entries in ticks.values()]))
    if not fields or not len(set(places)) == len(places) == size:
        return None
    owner = str(_kind(descriptions[0]))
    axes = [field_axis(field, owner, labels([label(t) for t in ticks[field]])) for field in fields]
    return Variation(tuple(axes), tuple(map(Choice, places, values)))


def _made(
    make: Callable[..., Any],
    called: str,
    fixed: tuple[Any, ...],
    constant: Mapping[str, Any],
    chosen: Mapping[str, Any],
) -> Any:
    """Return what `make` makes of one combination."""
    try:
        inspect.signature(make).bind(*fixed, **constant, **chosen)
    except TypeError as problem:
        raise InvalidArgumentError(
            f"so.grid cannot call {called} with these parameters: {problem}."
        ) from None
    try:
        return make(*fixed, **constant, **chosen)
    except SdeoptError as problem:
        place = ", ".join(f"{name} = {entry}" for name, entry in chosen.items())
        raise InvalidArgumentError(f"so.grid({called}, ...) at {place}: {problem}") from problem
