"""Fashion-MNIST: 60,000 + 10,000 pictures of clothes, from the published IDX files."""

from pathlib import Path

from nets.data.assembly import data_set
from nets.data.data_set import DataSet
from nets.data.formats.idx import CLASSES, read_parts

FOLDERS = ["FashionMNIST/raw", "fashion-mnist", "fashion_mnist"]
"""Its files bear the same names as MNIST's, so that they need a folder of their own."""


def read(folder: Path | None, *, validation: float = 0.2) -> DataSet:
    """Return the pictures."""
    train, test = read_parts(folder, FOLDERS, "fashion_mnist")
    source = "Fashion-MNIST (Xiao et al. 2017) from the published files"
    return data_set("fashion_mnist", source, train, test, classes=CLASSES, validation=validation)
