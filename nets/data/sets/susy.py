"""SUSY: collisions with and without supersymmetric particles, from the published CSV."""

from pathlib import Path

import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.reading import broken, located
from nets.data.formats.table import read_table

__all__ = ["read"]

FILES = ["SUSY.csv", "SUSY.csv.gz"]
COLUMNS = 1 + 18


def read(
    folder: Path | None,
    *,
    examples: int | None = 100_000,
    validation: float = 0.2,
    held_out: float = 0.2,
) -> DataSet:
    """Return the first collisions of the file.

    Parameters
    ----------
    folder : pathlib.Path or None
        The data directory, with ``SUSY.csv`` or ``SUSY.csv.gz`` in it.
    examples : int or None
        How many rows are read, from the first; None reads all five million.
    validation, held_out : float
        As for `nets.data.assembly.data_set`.

    Returns
    -------
    DataSet
        Rows of 18 features; class 1 is the signal.
    """
    path = located(folder, FILES, "susy")
    table = torch.from_numpy(read_table(path, COLUMNS, examples))
    labels, features = table[:, 0], table[:, 1:].clone()
    if not bool(((labels == 0) | (labels == 1)).all()):
        row = int(((labels != 0) & (labels != 1)).nonzero()[0])
        wrong = f"has in line {row + 1:,} the label {labels[row]:g}"
        raise broken(path, "the SUSY table with labels 0 and 1", wrong)
    source = f"the first {len(table):,} rows of SUSY (Baldi et al. 2014)"
    return data_set(
        "susy",
        source,
        Part(features, labels),
        classes=2,
        validation=validation,
        held_out=held_out,
    )
