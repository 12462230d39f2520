"""CIFAR-10: 50,000 + 10,000 colour images, from the published binary or python batches."""

from pathlib import Path

import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats import cifar as cifar_binary
from nets.data.formats import cifar as cifar_python
from nets.data.formats.cifar import CLASSES
from nets.data.formats.reading import located

__all__ = ["read"]

BINARY, PYTHON = "cifar-10-batches-bin", "cifar-10-batches-py"
FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
IMAGES = 10_000
"""In each file."""


def read(folder: Path | None, *, validation: float = 0.2) -> DataSet:
    """Return the images.

    Parameters
    ----------
    folder : pathlib.Path or None
        The data directory, with ``cifar-10-batches-bin`` or ``cifar-10-batches-py`` in it.
    validation : float
        As for `nets.data.assembly.data_set`.

    Returns
    -------
    DataSet
        Images of shape (3, 32, 32).
    """
    train, test = batches(located(folder, [BINARY, PYTHON], "cifar10"))
    source = "CIFAR-10 (Krizhevsky 2009) from files in the published layout"
    return data_set("cifar10", source, train, test, classes=CLASSES, validation=validation)


def batches(home: Path, images: int = IMAGES) -> tuple[Part, Part]:
    """Return the published training and test parts.

    Parameters
    ----------
    home : pathlib.Path
        The folder of the six files.
    images : int
        How many each file holds.

    Returns
    -------
    tuple of Part
        uint8 images and int64 labels of each.
    """
    if home.name == BINARY:
        read_batch, suffix = cifar_binary.read_batch, ".bin"
    else:
        read_batch, suffix = cifar_python.cifar_python_read_batch, ""
    *training, test = (
        read_batch(located(home, [file + suffix], "cifar10"), images) for file in FILES
    )
    inputs, targets = (torch.cat(tensors) for tensors in zip(*training, strict=True))
    return Part(inputs, targets), test
