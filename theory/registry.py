"""All results: each module of `theory.results` holds one as ``RESULT``."""

import importlib
import importlib.util
import pkgutil
from typing import TYPE_CHECKING

from sdeopt.errors import unknown_name

if TYPE_CHECKING:
    from theory.proofs.result import Result


def names() -> list[str]:
    """Return the names of all results, in order; nothing is imported.

    Returns
    -------
    list of str
        Module names.

    Examples
    --------
    >>> "lemma_3_1" in names()
    True
    """
    folder = importlib.util.find_spec("theory.results")
    assert folder is not None
    return sorted(module.name for module in pkgutil.iter_modules(folder.submodule_search_locations))


def load(name: str) -> "Result":
    """Return a result by its name.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Result
        What it states, assumes and proves.

    Raises
    ------
    InvalidArgumentError
        If there is no result of that name.

    Examples
    --------
    >>> load("lemma_5_2").number
    'Lemma 5.2, eq. (50)'
    """
    if not isinstance(name, str) or name not in names():
        raise unknown_name("result", name, names())
    result: Result = importlib.import_module(f"theory.results.{name}").RESULT
    return result
