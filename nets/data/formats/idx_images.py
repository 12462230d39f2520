"""Sets of labelled images in the four IDX files of MNIST, which other sets have taken over."""

from pathlib import Path

import numpy as np
import torch

from nets.data.data_set import Part
from nets.data.formats.idx import read_idx
from nets.data.formats.reading import broken, located

__all__ = ["CLASSES", "read_parts"]

CLASSES = 10


def read_parts(folder: Path | None, folders: list[str], name: str) -> tuple[Part, Part]:
    """Return the published training and test parts.

    Parameters
    ----------
    folder : pathlib.Path or None
        The data directory.
    folders : list of str
        Where the four files may be, below it.
    name : str
        The data set's name.

    Returns
    -------
    tuple of Part
        uint8 images of shape (examples, 1, rows, columns) and int64 labels of each.

    Raises
    ------
    OutputError
        If a file is missing, is not what it should be, or does not fit the others.
    """
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
