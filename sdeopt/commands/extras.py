"""What a command does where a package of an extra is not installed: it says how to get it."""

import importlib.util
from collections.abc import Callable
from typing import TypeVar

from sdeopt.errors import InvalidArgumentError

__all__ = ["with_extra"]

Outcome = TypeVar("Outcome")


def with_extra(action: Callable[[], Outcome], needed_by: str, extra: str) -> Outcome:
    """Do something that imports what an installation may lack.

    Parameters
    ----------
    action : callable
        Called without arguments.
    needed_by : str
        The beginning of the sentence, such as ``"the theory"``.
    extra : str
        What to install, such as ``"sdeopt[theory]"``.

    Returns
    -------
    object
        What the action returns.

    Raises
    ------
    InvalidArgumentError
        If a package is not installed.

    Examples
    --------
    >>> from sdeopt.commands.extras import with_extra
    >>> with_extra(lambda: 2, "the theory", "sdeopt[theory]")
    2
    >>> with_extra(lambda: __import__("no_such_package"), "the theory", "sdeopt[theory]")
    Traceback (most recent call last):
    sdeopt.errors.InvalidArgumentError: the theory needs no_such_package, which is not installed; \
install it with pip install 'sdeopt[theory]'.
    """
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
