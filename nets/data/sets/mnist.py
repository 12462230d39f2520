"""MNIST: 60,000 + 10,000 handwritten digits, from the published IDX files."""

from pathlib import Path

from nets.data.assembly import data_set
from nets.data.data_set import DataSet
from nets.data.formats.idx import CLASSES, read_parts

FOLDERS = ["MNIST/raw", "mnist"]


def read(folder: Path | None, *, validation: float = 0.2) -> DataSet:
    """Return the digits."""
    train, test = read_parts(folder, FOLDERS, "mnist")
    source = "MNIST digits (LeCun et al.) from the published files"
    return data_set("mnist", source, train, test, classes=CLASSES, validation=validation)
