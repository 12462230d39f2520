"""Finished trainings that no kept result holds, kept with the source code.

An experiment at desk scale takes hours: what is trained of it so far, and what a search trained, goes
into a few files of ``docs/results/trainings``, from which any machine goes on.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from nets.figures.store import FOLDER, RESULT, shipped_trainings, taken
from sdeopt import results
from sdeopt.errors import OutputError
from sdeopt.experiments.keeping import MOST
from sdeopt.files import atomic_path, output_folder

Histories = dict[str, xr.Dataset]
"""By the names of their trainings; the attribute `identity` says what decides one."""


def pack(out: Path, kept: Path) -> int:
    """Keep all finished trainings of a folder, and of those kept before what no result holds.

    Returns the number of trainings in the files.
    """
    folder = output_folder(kept / FOLDER)
    every: Histories = {}
    for path in sorted(folder.glob("*.nc")):
        every |= unpacked(results.load(path))
    for path in sorted((out / FOLDER).glob("*.nc")):
        every[path.stem] = results.load(path)
    held = shipped_trainings(kept, (RESULT,))
    groups: dict[str, Histories] = {}
    for name, history in sorted(every.items()):
        if name not in held:
            groups.setdefault(_group(history), {})[name] = history
    for path in folder.glob("*.nc"):
        if path.stem not in groups:
            path.unlink()
    for group, histories in groups.items():
        _write(folder / f"{group}.nc", histories)
    return sum(map(len, groups.values()))


def packed(histories: Histories) -> xr.Dataset:
    """Return histories side by side, as plans of one run each."""
    names = list(histories)
    known = [
        json.dumps(each.attrs, ensure_ascii=False, default=lambda number: number.tolist())
        for each in histories.values()
    ]
    one = xr.concat(
        list(histories.values()),
        "plan",
        data_vars="all",
        join="outer",
        combine_attrs="drop_conflicts",
    )
    return one.expand_dims("run", axis=1).assign_coords(
        training=(("plan", "run"), [[name] for name in names]), attributes=("plan", known)
    )


def unpacked(together: xr.Dataset) -> Histories:
    """Return what was packed."""
    names = [str(name) for name in together["training"].values[:, 0]]
    return {name: taken(together, place, 0) for place, name in enumerate(names)}


def _group(history: xr.Dataset) -> str:
    """Return the name of a file: of trainings as long, on the same data, with the same variables."""
    task = json.loads(history.attrs["identity"])["task"]
    epochs, variables = history.sizes["epoch"] - 1, len(history.data_vars)
    return f"{task.get('data', 'digits')}-{epochs}-epochs-{variables}-variables"


def _write(path: Path, histories: Histories) -> None:
    with atomic_path(path) as temporary:
        results.save(packed(histories), temporary, compress=True)
        size = temporary.stat().st_size
        if size > MOST:
            raise OutputError(
                f"{path.name} would have {size:,} bytes, more than the {MOST:,} that are kept with the "
                "source code; finish an experiment, whose result then holds its trainings."
            )


def main(arguments: Sequence[str]) -> None:
    """Keep the trainings of a folder: OUT, KEPT."""
    out, kept = map(Path, arguments)
    print(f"{pack(out, kept)} finished trainings that no result holds are in {kept / FOLDER}")


if __name__ == "__main__":
    main(sys.argv[1:])
