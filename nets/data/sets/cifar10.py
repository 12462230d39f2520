"""CIFAR-10: 50,000 + 10,000 colour images, from the published binary or python batches."""

from pathlib import Path

import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.cifar import CLASSES, read_binary, read_python
from nets.data.formats.reading import located

BINARY, PYTHON = "cifar-10-batches-bin", "cifar-10-batches-py"
FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
IMAGES = 10_000
"""In each file."""


def read(folder: Path | None, *, validation: float = 0.2) -> DataSet:
    """Return the images."""
    train, test = batches(located(folder, [BINARY, PYTHON], "cifar10"))
    source = "CIFAR-10 (Krizhevsky 2009) from files in the published layout"
    return data_set("cifar10", source, train, test, classes=CLASSES, validation=validation)


def batches(home: Path, images: int = IMAGES) -> tuple[Part, Part]:
    """Return the published training and test parts."""
    if home.name == BINARY:
        read_file, suffix = read_binary, ".bin"
    else:
        read_file, suffix = read_python, ""
    *training, test = (
        read_file(located(home, [file + suffix], "cifar10"), images) for file in FILES
    )
    inputs, targets = (torch.cat(tensors) for tensors in zip(*training, strict=True))
    return Part(inputs, targets), test
