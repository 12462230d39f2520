"""What a training came to: a table of the last epoch, and the network of the quorum variable."""

import json
import os
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from rich.console import Console
from rich.table import Table

from nets.training.measurement import has_statistics
from nets.training.trainer import Trainer
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sdeopt.files import atomic_path, output_folder

ROWS = {"quorum": "quorum variable", "mean": "mean of the agents", "agent": "average agent"}


def prepare_outputs(**paths: Path | None) -> None:
    """Refuse, before hours of training, places that could not be written after them.

    They are named as the options are: `out` is for what was measured, `save` for a network, and
    `checkpoint` for a folder, which the training itself tries.
    """
    taken: dict[str, str] = {}
    for option, path in paths.items():
        if path is None:
            continue
        # what a symbolic link points to is what is written
        real = os.path.realpath(path)
        if real in taken:
            raise InvalidArgumentError(
                f"--{taken[real]} and --{option} are both {path}; give each a place of its own."
            )
        taken[real] = option
        if option == "checkpoint":
            continue
        if option == "out":
            if path.suffix not in results.SUFFIXES:
                raise InvalidArgumentError(f"--out is {path}; results are kept in .nc or .zarr.")
            results.refuse_folder(path)
        elif path.is_dir():
            raise InvalidArgumentError(f"--{option} is {path}, a folder; give a file's path.")
        output_folder(Path(real).parent, f"choose another with --{option}")


def network_of(trainer: Trainer) -> torch.nn.Module:
    """Return the network of the quorum variable, or of the mean where a rule has none."""
    points, ensemble = trainer.points(), trainer.ensemble
    weights = points.mean if points.quorum is None else points.quorum
    state = {name: stack.to(ensemble.weights[name].dtype) for name, stack in weights.items()}
    # as they are measured, so that what was printed is what is saved
    if has_statistics(ensemble, trainer.communication):
        one = {name: value.unsqueeze(0) for name, value in state.items()}
        batches = trainer.data.train.chunks(trainer.measurement.chunk)
        found = ensemble.buffers_from(one, batches, computing=trainer.computing)
        state |= {name: stack[0] for name, stack in found.items()}
    return ensemble.module_of(state)


def save_network(trainer: Trainer, path: Path) -> None:
    """Write the state of that network, for ``load_state_dict``."""
    with atomic_path(path) as temporary:
        torch.save(network_of(trainer).state_dict(), temporary)


def print_outcome(result: xr.Dataset, as_json: bool) -> None:
    """Print losses and accuracies of the last epoch, by who is tested and on which part."""
    last = result.isel(epoch=-1)
    found = {
        who: {
            part: {
                name: float(np.mean(last[f"{who}_{name}"].sel(part=part)))
                for name in ("loss", "accuracy")
            }
            for part in last["part"].values.tolist()
        }
        for who in ROWS
    }
    if as_json:
        seeds = {name: int(value) for name, value in result.attrs.items()}
        known = {
            who: {
                part: {name: value for name, value in pair.items() if np.isfinite(value)}
                for part, pair in parts.items()
            }
            for who, parts in found.items()
        }
        print(json.dumps({"epochs": int(last["epoch"]), **seeds, "result": known}))
        return
    # a part that a user's own data lack is left out
    tested = [part for part in found["mean"] if any(_is_tested(found[who][part]) for who in found)]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (f"after {int(last['epoch'])} epochs: loss, accuracy", *tested):
        table.add_column(heading)
    for who, parts in found.items():
        table.add_row(ROWS[who], *(_in_words(**parts[part]) for part in tested))
    Console().print(table)


def _is_tested(pair: dict[str, float]) -> bool:
    return bool(np.isfinite(pair["loss"]))


def _in_words(loss: float, accuracy: float) -> str:
    if not np.isfinite(loss):
        return "not tested"
    return f"{loss:.4g}" + (f", {100 * accuracy:.1f}%" if np.isfinite(accuracy) else "")
