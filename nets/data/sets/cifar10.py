"""CIFAR-10: 50,000 + 10,000 colour images, from the published binary or python batches."""

import hashlib
from pathlib import Path

import torch
from torch.nn.functional import avg_pool2d

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.cifar import CLASSES, read_binary, read_python
from nets.data.formats.reading import located
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError

BINARY, PYTHON = "cifar-10-batches-bin", "cifar-10-batches-py"
FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
IMAGES = 10_000
"""In each file."""

SIDE = 32
"""Pixels of a side of a published image."""

JPEG = "8a6a9f0a8f3f9ec47222e50c74d840f2aa979054a81c730d63ef7a3939488b90"
"""SHA-256 of the test images of a copy that was once compressed as JPEG: its pixels differ a little."""

AT_ONCE = 5_000
"""Images that are averaged together, because real numbers need four times the memory of bytes."""


def read(folder: Path | None, *, validation: float = 0.2, side: int = SIDE) -> DataSet:
    """Return the images, averaged over squares of pixels where a smaller `side` is wanted."""
    wanted = whole_number(side, "side", minimum=1)
    if SIDE % wanted:
        raise InvalidArgumentError(
            f"side is {side}, but must divide the {SIDE} pixels of a side of the images."
        )
    train, test = batches(located(folder, [BINARY, PYTHON], "cifar10"))
    name = "CIFAR-10 (JPEG)" if _digest(test.inputs) == JPEG else "CIFAR-10"
    source = f"{name} (Krizhevsky 2009) from files in the published layout"
    if wanted < SIDE:
        source += f", averaged to {wanted}×{wanted} pixels"
        train, test = (Part(_averaged(each.inputs, wanted), each.targets) for each in (train, test))
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


def _digest(images: torch.Tensor) -> str:
    return hashlib.sha256(images.numpy().tobytes()).hexdigest()


def _averaged(images: torch.Tensor, side: int) -> torch.Tensor:
    pieces = torch.split(images, AT_ONCE)
    return torch.cat([avg_pool2d(piece.float(), SIDE // side) for piece in pieces])
