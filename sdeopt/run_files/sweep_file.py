"""A sweep in a TOML file: a run file (`sdeopt.run_files.run_file`) with a table of what varies.

Under ``[sweep]`` every key is a key of the run, with a list of values in turn::

    [sweep]
    step_size = [0.02, 0.04]
    algorithm.coupling = [0, 3, 8]
    noise = [{name = "Uniform", half_width = 7}, {name = "Gaussian", standard_deviation = 4}]

What varies need not have a value elsewhere in the file. ``same_noise = true`` at the top gives all
points the same noise.
"""

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import Any

from sdeopt.configuration import Key, leaves, read_setting, read_value, with_entry
from sdeopt.errors import InvalidArgumentError
from sdeopt.run_files.run_file import argument, arguments_of, read_toml
from sdeopt.sweeps.naming import labels
from sdeopt.sweeps.variation import Choice, Variation, field_axis, variation_of


def read_sweep_file(path: str | os.PathLike[str], settings: Iterable[str] = ()) -> dict[str, Any]:
    """Return the arguments of `sdeopt.sweep` that a file describes."""
    content = read_toml(path)
    swept = dict(leaves(content.get("sweep", {})))
    for setting in settings:
        key, text = read_setting(setting)
        if key in swept:
            name = ".".join(key)
            raise InvalidArgumentError(f"'{name}' is swept by the file; set sweep.{name} instead.")
        content = with_entry(content, key, read_value(text))
    return sweep_arguments_of(content)


def sweep_arguments_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `sdeopt.sweep` that a mapping describes."""
    varied = dict(leaves(content.get("sweep", {})))
    fixed = {key: value for key, value in content.items() if key not in ("sweep", "same_noise")}
    _check_lists(varied)
    _check_apart(varied)
    first = fixed
    for key, values in varied.items():
        first = with_entry(first, key, values[0])
    arguments = {
        # in a file a list that is not swept is one value, with an entry per agent
        name: tuple(value) if isinstance(value, list) and name != "statistics" else value
        for name, value in arguments_of(first).items()
    }
    for name in dict.fromkeys(key[0] for key in varied):
        own = {key: values for key, values in varied.items() if key[0] == name}
        arguments[name] = _variation(name, fixed.get(name, {}), own)
    return arguments | {"same_noise": _same_noise(content)}


def _variation(name: str, entry: Any, varied: Mapping[Key, list[Any]]) -> Variation | None:
    """Return how one argument varies: as a whole, or in some of its parameters."""
    if (name,) in varied:
        return variation_of(name, [argument(name, value) for value in varied[(name,)]])
    axes = [field_axis(key[-1], name, labels(values)) for key, values in varied.items()]
    choices = []
    for index in itertools.product(*(range(len(values)) for values in varied.values())):
        table = {name: entry}
        for key, place in zip(varied, index, strict=True):
            table = with_entry(table, key, varied[key][place])
        choices.append(Choice(index, argument(name, table[name])))
    return Variation(tuple(axes), tuple(choices))


def _check_lists(varied: Mapping[Key, Any]) -> None:
    if not varied:
        raise InvalidArgumentError(
            "the run file has no table [sweep] with lists in it; add one, or use `sdeopt simulate`."
        )
    for key, values in varied.items():
        if not isinstance(values, list) or not values:
            raise InvalidArgumentError(
                f"'{'.'.join(key)}' of [sweep] is {values!r}; give a list of values."
            )


def _check_apart(varied: Iterable[Key]) -> None:
    for one, other in itertools.permutations(varied, 2):
        if other[: len(one)] == one:
            raise InvalidArgumentError(
                f"[sweep] has '{'.'.join(one)}' and '{'.'.join(other)}', one inside the other; "
                "list complete tables under the first, or vary only its parameters."
            )


def _same_noise(content: Mapping[str, Any]) -> bool:
    given = content.get("same_noise", False)
    if not isinstance(given, bool):
        raise InvalidArgumentError(f"same_noise is {given!r}; give true or false.")
    return given
