"""Writing files so that no reader finds an incomplete one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdeopt.errors import OutputError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary sibling of `path` that becomes `path` when the block ends well.

    Of a symbolic link it is what the link points to that is replaced.
    """
    target = Path(os.path.realpath(path))
    holder: Path | None = None
    try:
        holder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        temporary = holder / target.name
        yield temporary
        for path in [temporary, *temporary.rglob("*")]:
            _synchronize(path)
        _replace(temporary, target)
        _synchronize(target.parent)
    except OSError as problem:
        if isinstance(problem, OutputError):
            raise
        raise OutputError(
            f"could not write {target}: {problem.strerror or problem}; "
            "nothing was left half-written. Free some space or choose a folder you may write to."
        ) from problem
    finally:
        if holder is not None:
            shutil.rmtree(holder, ignore_errors=True)


def check_place(path: str | os.PathLike[str], what: str) -> None:
    """Refuse a file that `atomic_path` could not write, before the work whose result it will keep."""
    target = Path(os.path.realpath(path))
    try:
        os.rmdir(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as problem:
        raise OutputError(
            f"{what} {path} cannot be written: {problem.strerror or problem}; choose a folder that "
            "exists and that you may write to."
        ) from problem


def output_folder(path: str | os.PathLike[str], remedy: str = "choose another with --out") -> Path:
    """Create a folder for results; the error is one sentence on why that is impossible."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise OutputError(
            f"the output folder {folder} cannot be written: {problem.strerror or problem}; {remedy}."
        ) from problem
    return folder


def _synchronize(path: Path) -> None:
    """Force a file, or the list of names in a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(temporary: Path, target: Path) -> None:
    """Put `temporary` in the place of `target`; a folder cannot be renamed over another."""
    if target.is_dir() and temporary.is_dir():
        old = temporary.with_name(f"{temporary.name}.old")
        os.replace(target, old)
    os.replace(temporary, target)
