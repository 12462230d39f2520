"""The file from which an interrupted run continues.

A zip archive of plain arrays (no pickled objects) and a header with the configuration and a checksum of
every array. It is replaced atomically: when a process dies, the file is the last one or the one before.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sdeopt.errors import CheckpointError
from sdeopt.files import atomic_path
from sdeopt.identity import differences

Arrays: TypeAlias = dict[str, NDArray[Any]]

FORMAT = 3
"""Raised by one when the layout of the file changes."""

HEADER, ARRAY = "header", "array."
SHOWN = 5
"""How many differences of two configurations an error lists."""


def save_checkpoint(
    path: str | os.PathLike[str],
    configuration: Mapping[str, Any],
    step: int,
    arrays: Mapping[str, NDArray[Any]],
) -> None:
    """Write a checkpoint in the place of the one before, all of it or nothing."""
    header = {
        "format": FORMAT,
        "configuration": configuration,
        "step": step,
        "checksums": {name: _checksum(array) for name, array in arrays.items()},
    }
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    members = {ARRAY + name: array for name, array in arrays.items()}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **{HEADER: text}, **members)


def load_checkpoint(
    path: str | os.PathLike[str], configuration: Mapping[str, Any]
) -> tuple[int, Arrays] | None:
    """Read the checkpoint of a configuration."""
    source = Path(path)
    if source.is_dir():
        raise CheckpointError(
            f"the checkpoint {source} is a folder; give the name of a file, as in "
            f"{source / 'run.checkpoint'}."
        )
    if not source.exists():
        return None
    header, arrays = _read(source)
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"the checkpoint {source} has format {header.get('format')!r}, and this version of "
            f"sdeopt reads format {FORMAT}; remove the file to start anew."
        )
    wanted = json.loads(json.dumps(configuration))
    found = [
        f"{place} is {before} there and {now} here"
        for place, before, now in differences(header["configuration"], wanted)
    ]
    if found:
        listed = ", ".join(found[:SHOWN])
        more = len(found) - SHOWN
        rest = f", and {more} more" if more > 0 else ""
        raise CheckpointError(
            f"the checkpoint {source} belongs to another configuration: {listed}{rest}; "
            "remove the file to start anew, or restore these values to continue it."
        )
    return int(header["step"]), arrays


def _read(source: Path) -> tuple[dict[str, Any], Arrays]:
    """Return header and arrays after comparing every checksum."""
    try:
        with np.load(source, allow_pickle=False) as file:
            header = json.loads(file[HEADER].tobytes())
            arrays = {name: file[ARRAY + name] for name in header["checksums"]}
        wrong = [n for n, digest in header["checksums"].items() if digest != _checksum(arrays[n])]
        if wrong:
            raise ValueError(wrong[0])
    except Exception as problem:  # numpy, zipfile and json each raise their own errors
        raise CheckpointError(
            # not what they say of it: numpy takes damage for a pickle, and advises to trust it
            f"{source} cannot be read as a checkpoint: it is damaged or something else; remove the "
            "file to start anew."
        ) from problem
    return header, arrays


def _checksum(array: NDArray[Any]) -> str:
    # A view of bytes exists for every array with elements; without any there is nothing to damage.
    content = np.ascontiguousarray(array).data.cast("B") if array.size else b""
    shape = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(shape + content).hexdigest()
