"""Finding and opening data files, gzipped or shipped with a package, and the errors of broken ones."""

import gzip
import importlib.util
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sdeopt.errors import OutputError


def located(folder: Path | None, paths: list[str], name: str) -> Path:
    """Return the first of some paths that exists in the data directory."""
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
    """Open a file for reading, unpacking it if its name ends in ``.gz``."""
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
    """Return the error for a file that is not what it should be."""
    return OutputError(f"{path} {wrong}, but should be {kind}; download it again.")


def shipped_file(package: str, path: str, *, command: str = "pip install 'sdeopt[nets]'") -> Path:
    """Return where a package keeps a file."""
    found = importlib.util.find_spec(package)
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    state = "is not installed" if found is None else f"has no file {path}"
    raise OutputError(f"the package {package} {state}; install it with: {command}")
