"""The IDX layout of MNIST: a magic number, the sizes of the dimensions, then bytes."""

import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nets.data.formats.reading import broken, opened

__all__ = ["read_idx"]

UNSIGNED_BYTES = 8


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    path : pathlib.Path
        The file; it is unpacked if its name ends in ``.gz``.
    dimensions : int
        How many dimensions the array must have: 3 for images, 1 for labels.

    Returns
    -------
    numpy.ndarray
        The array.

    Raises
    ------
    OutputError
        If it has another magic number, or fewer or more bytes than its sizes say.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from nets.data.formats.idx import read_idx
    >>> path = Path(tempfile.mkdtemp()) / "labels"
    >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    >>> read_idx(path, dimensions=1)
    array([7, 2, 1], dtype=uint8)
    """
    kind = f"an IDX file of unsigned bytes in {dimensions} dimension(s)"
    with opened(path, kind) as file:
        content = file.read()
    magic, start = bytes([0, 0, UNSIGNED_BYTES, dimensions]), 4 + 4 * dimensions
    if content[:4] != magic:
        begins = content[:4].hex(" ") or "nothing"
        raise broken(path, kind, f"begins with {begins} instead of {magic.hex(' ')}")
    if len(content) < start:
        raise broken(path, kind, f"ends after {len(content)} bytes, within its header")
    sizes = struct.unpack(f">{dimensions}I", content[4:start])
    if len(content) - start != math.prod(sizes):
        raise broken(
            path,
            kind,
            f"has {len(content) - start:,} bytes where its header announces "
            f"{' × '.join(map(str, sizes))} = {math.prod(sizes):,}",
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes).copy()
