"""Tables of numbers as CSV, gzipped or not, read a piece at a time."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nets.data.formats.reading import broken, opened

PIECE = 100_000


def read_table(path: Path, columns: int, rows: int | None = None) -> NDArray[np.float32]:
    r"""Return the first rows of a table."""
    found = list(pieces(path, columns, rows))
    table = np.concatenate(found) if found else np.empty((0, columns), np.float32)
    if not len(table) or (rows is not None and len(table) < rows):
        asked = "none" if rows is None else f"but {rows:,} were asked for"
        wrong = f"has {len(table):,} rows, {asked}" if len(table) else "is empty"
        raise broken(path, _kind(columns), wrong)
    return table


def pieces(
    path: Path, columns: int, rows: int | None = None, piece: int = PIECE
) -> Iterator[NDArray[np.float32]]:
    """Yield a table some rows at a time, so that the file need not fit into memory."""
    kind, before = _kind(columns), 0
    with opened(path, kind) as file:
        while rows is None or before < rows:
            lines = list(islice(file, piece if rows is None else min(piece, rows - before)))
            if not lines:
                return
            if not lines[-1].endswith(b"\n"):
                line = before + len(lines)
                raise broken(path, kind, f"ends within line {line:,}: it is truncated")
            yield numbers(path, lines, columns, before)
            before += len(lines)


def numbers(path: Path, lines: list[bytes], columns: int, before: int = 0) -> NDArray[np.float32]:
    """Return the numbers that some lines of a table hold."""
    try:
        table = np.loadtxt(
            lines, np.float32, comments=None, delimiter=",", ndmin=2, encoding="ascii"
        )
    except ValueError:
        table = np.empty((0, columns), np.float32)
    if table.shape == (len(lines), columns) and np.isfinite(table).all():
        return table
    for number, line in enumerate(lines, start=before + 1):
        wrong = _what_is_wrong(line, columns)
        if wrong:
            raise broken(path, _kind(columns), f"has in line {number:,} {wrong}")
    raise broken(path, _kind(columns), f"cannot be read after line {before:,}")


def _what_is_wrong(line: bytes, columns: int) -> str:
    """Return in words why a line is no row of numbers, or nothing."""
    values = line.decode("ascii", "replace").strip().split(",")
    if len(values) != columns:
        return f"{len(values)} columns"
    for column, value in enumerate(values, start=1):
        try:
            with np.errstate(over="ignore"):
                number = np.float32(value)
        except ValueError:
            return f"the value '{value}' in column {column}"
        if not np.isfinite(number):
            return f"the value '{value}' in column {column}, which is not finite"
    return ""


def _kind(columns: int) -> str:
    return f"a CSV table of {columns} finite numbers a row"
