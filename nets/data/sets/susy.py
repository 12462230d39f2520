"""SUSY: collisions with and without supersymmetric particles, from the published CSV."""

from pathlib import Path

import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.reading import broken, located
from nets.data.formats.table import read_table

FILES = ["SUSY.csv", "SUSY.csv.gz"]
COLUMNS = 1 + 18


def read(
    folder: Path | None,
    *,
    examples: int | None = 100_000,
    validation: float = 0.2,
    held_out: float = 0.2,
) -> DataSet:
    """Return the first collisions of the file."""
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
