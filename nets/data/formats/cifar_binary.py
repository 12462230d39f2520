"""The binary layout of CIFAR-10: for each image a label byte and 3 × 32 × 32 pixel bytes."""

from pathlib import Path

import numpy as np
import torch

from nets.data.data_set import Part
from nets.data.formats.reading import broken, opened

__all__ = ["CLASSES", "IMAGE", "read_batch"]

CLASSES = 10
IMAGE = (3, 32, 32)
ROW = 1 + 3 * 32 * 32


def read_batch(path: Path, images: int) -> Part:
    """Return the images and labels of one file.

    Parameters
    ----------
    path : pathlib.Path
        For example ``data_batch_1.bin``.
    images : int
        How many the file must hold: the layout has no header that would say.

    Returns
    -------
    Part
        uint8 images of shape (images, 3, 32, 32), int64 labels.

    Raises
    ------
    OutputError
        If the file has another length, or a label that is no class.
    """
    kind = f"a CIFAR-10 binary batch of {images:,} images"
    with opened(path, kind) as file:
        content = file.read()
    if len(content) != images * ROW:
        raise broken(path, kind, f"has {len(content):,} bytes instead of {images * ROW:,}")
    rows = np.frombuffer(content, np.uint8).reshape(images, ROW)
    if images and rows[:, 0].max() >= CLASSES:
        raise broken(path, kind, f"holds the label {rows[:, 0].max()}, beyond {CLASSES - 1}")
    labels = torch.from_numpy(rows[:, 0].astype(np.int64))
    return Part(torch.from_numpy(rows[:, 1:].reshape(-1, *IMAGE).copy()), labels)
