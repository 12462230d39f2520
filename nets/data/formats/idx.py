"""The IDX layout of MNIST, and sets of labelled images in four such files."""

import math
import struct
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nets.data.data_set import Part
from nets.data.formats.reading import broken, located, opened

UNSIGNED_BYTES = 8


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes, gzipped or not."""
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


CLASSES = 10


def read_parts(folder: Path | None, folders: list[str], name: str) -> tuple[Part, Part]:
    """Return the published training and test parts."""
    home = located(folder, folders, name)
    train, test = (_read_part(home, name, prefix) for prefix in ("train", "t10k"))
    if train.inputs.shape[1:] != test.inputs.shape[1:]:
        sizes = [tuple(part.inputs.shape[2:]) for part in (train, test)]
        wrong = f"holds training images of {sizes[0]} pixels and test images of {sizes[1]}"
        raise broken(home, "one data set", wrong)
    return train, test


def _read_part(home: Path, name: str, prefix: str) -> Part:
    """Return one part, from its file of images and its file of labels."""
    image_file, label_file = (
        located(home, [file, f"{file}.gz"], name)
        for file in (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte")
    )
    images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
    if not len(images) or not images[0].size:
        raise broken(image_file, "a file of images", "holds none")
    if len(images) != len(labels):
        kind = f"as many as the {len(images):,} images of {image_file.name}"
        raise broken(label_file, kind, f"holds {len(labels):,} labels")
    if labels.max() >= CLASSES:
        raise broken(label_file, "labels from 0 to 9", f"holds the label {labels.max()}")
    return Part(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels.astype(np.int64)))
