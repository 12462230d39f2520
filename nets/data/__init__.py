"""Data sets, each a file of `nets.data.sets` with a function ``read``, and the batches of each agent.

>>> from nets.data import AgentBatches, load
>>> batches = AgentBatches(load("digits"), agents=4, batch=128, seed=7)
>>> inputs, targets = next(iter(batches))
>>> inputs.shape
torch.Size([4, 128, 1, 28, 28])
"""

import os
from pathlib import Path
from typing import Any

from nets.catalogue import find, offered
from nets.data.agent_batches import AgentBatches
from nets.data.data_set import DataSet, Part
from nets.data.loaders import LoaderBatches
from nets.data.tested import LoaderData
from sdeopt.errors import InvalidArgumentError, OutputError

__all__ = ["AgentBatches", "DataSet", "LoaderBatches", "LoaderData", "Part", "load", "names"]

FOLDER_VARIABLE = "SDEOPT_DATA"
"""The environment variable that names the data directory when no argument does."""


def names() -> list[str]:
    """Return the names of all data sets; no file is read.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from nets.data import names
    >>> "digits" in names()
    True
    """
    return list(offered("nets.data.sets", "read"))


def load(name: str, folder: str | os.PathLike[str] | None = None, **options: Any) -> DataSet:
    """Return a data set by its name.

    Parameters
    ----------
    name : str
        One of `names`.
    folder : str or path-like, optional
        The data directory, with the published files in it; by default what the environment
        variable ``SDEOPT_DATA`` names. Sets that a package ships need none.
    **options
        What the set's own ``read`` takes, e.g. ``validation=0.2``.

    Returns
    -------
    DataSet
        In memory, on the CPU.

    Raises
    ------
    InvalidArgumentError
        If there is no such set or option.
    OutputError
        If its files are missing, truncated or not what they should be.

    Examples
    --------
    >>> from nets.data import load
    >>> load("digits").sizes
    (3200, 800, 1000)
    """
    read = find("nets.data.sets", "data set", name, "read", options)
    data: DataSet = read(_data_directory(folder), **options)
    return data


def _data_directory(folder: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder that was named, which must exist, or None."""
    named = os.environ.get(FOLDER_VARIABLE) if folder is None else os.fspath(folder)
    if named is None or not named.strip():
        if folder is not None:
            raise InvalidArgumentError("folder is empty, but must name the data directory.")
        return None
    path = Path(named).expanduser()
    if not path.is_dir():
        origin = FOLDER_VARIABLE if folder is None else "folder"
        raise OutputError(
            f"{origin} is {named}, but there is no such folder; name an existing one."
        )
    return path
