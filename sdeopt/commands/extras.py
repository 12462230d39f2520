"""What a command does where a package of an extra is not installed: it says how to get it."""

import importlib.util
from collections.abc import Callable
from typing import TypeVar

from sdeopt.errors import InvalidArgumentError

Outcome = TypeVar("Outcome")


def with_extra(action: Callable[[], Outcome], needed_by: str, extra: str) -> Outcome:
    """Do something that imports what an installation may lack."""
    try:
        return action()
    except ModuleNotFoundError as problem:
        package = (problem.name or "").partition(".")[0]
        if package and importlib.util.find_spec(package) is not None:
            raise  # it is installed, and one of its modules is missing: no matter of installing
        raise InvalidArgumentError(
            f"{needed_by} needs {package or problem}, which is not installed; "
            f"install it with pip install '{extra}'."
        ) from None
