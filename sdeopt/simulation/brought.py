"""What an algorithm brings, checked before a run: its rules and its schedules."""

import importlib
from collections.abc import Mapping
from itertools import chain
from typing import Any

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.errors import InvalidArgumentError, reason_of, shown, unknown_name
from sdeopt.kernels.chosen import CALLED_BY
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, PREFIX
from sdeopt.schedules import Schedule
from sdeopt.simulation.run import OTHERS

RULES = tuple(dict.fromkeys(chain.from_iterable(CALLED_BY.values())))
"""The rules that an algorithm may bring."""


def check_rules(algorithm: Algorithm) -> None:
    """Refuse a rule that nothing calls, and one whose function there is not."""
    name = type(algorithm).__name__
    given: Any = algorithm.rules
    if not isinstance(given, Mapping):
        raise InvalidArgumentError(
            f"rules of {name} is {shown(given)}, but must be a dictionary, such as "
            '{"step": (__name__, "step")}.'
        )
    for rule, place in algorithm.functions().items():
        if rule not in RULES:
            raise unknown_name(f"rule of {name} called", rule, RULES)
        _check_place(f"the rule {rule} of {name}", place)


def _check_place(label: str, place: Any) -> None:
    pair = isinstance(place, tuple | list) and len(place) == 2
    if not (pair and all(isinstance(part, str) and part for part in place)):
        raise InvalidArgumentError(
            f"{label} is {shown(place)}, but must be the names of a module and of a function in it, "
            'such as (__name__, "step").'
        )
    module, function = place
    if module.startswith((PREFIX, IN_MEMORY_PREFIX)):  # generated, with this function in it
        return
    try:
        found = importlib.import_module(module)
    except Exception as problem:  # whatever a user's module raises
        raise InvalidArgumentError(
            f"{label} is in the module {module}, which cannot be imported ({reason_of(problem)}); put "
            "the rule into a file that can be."
        ) from problem
    if not hasattr(found, function):
        own = [name for name, value in vars(found).items() if _is_function_of(module, value)]
        raise unknown_name(f"function for {label} in the module {module} called", function, own)


def _is_function_of(module: str, value: object) -> bool:
    inside = getattr(value, "__module__", None) == module
    return inside and callable(value) and not isinstance(value, type)


def check_schedules(algorithm: Algorithm, agents: int) -> None:
    """Refuse schedules that are none, and more of them than a rule receives."""
    name = type(algorithm).__name__
    given: Any = algorithm.schedules(agents)
    if not isinstance(given, Mapping):
        raise InvalidArgumentError(
            f"schedules of {name} returned {shown(given)}, but must return a dictionary of schedules by "
            'name, such as {"coupling": so.schedules.Constant(1.0)}.'
        )
    for key, schedule in given.items():
        if not isinstance(schedule, Schedule):
            raise InvalidArgumentError(
                f"schedules of {name} returned {shown(schedule)} for {key}, but must return schedules; "
                "make one of a number by so.schedules.Constant."
            )
    others = [str(key) for key in given if key != "coupling"]
    if len(others) > OTHERS:
        raise InvalidArgumentError(
            f"schedules of {name} returned {', '.join(others)}, but a rule receives at most {OTHERS} "
            "besides the coupling; leave some out."
        )
