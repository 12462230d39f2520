"""Measurements for TensorBoard, beside the dataset that a run returns."""

import os
from types import TracebackType
from typing import Self

import numpy as np

from nets.data.data_set import PARTS
from nets.training.history import Record
from sdeopt.errors import OutputError


class TensorBoard:
    """A listener of `nets.training.Trainer` that writes for TensorBoard."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise OutputError(
                "TensorBoard is not installed, so nothing can be written for it; "
                "install it with: pip install tensorboard"
            ) from None
        self._writer = SummaryWriter(os.fspath(folder))

    def __call__(self, epoch: int, record: Record) -> None:
        """Write a record."""
        for name, values in record.items():
            for place, value in np.ndenumerate(values):
                if np.isfinite(value):
                    self._writer.add_scalar(_tag(name, place), value, epoch)
        self._writer.flush()

    def __enter__(self) -> Self:
        """Return the listener itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its file."""
        self._writer.close()


def _tag(name: str, place: tuple[int, ...]) -> str:
    """Return what a curve is called: its variable, part and agent."""
    tested = name.endswith(("_loss", "_accuracy")) and name != "batch_loss"
    parts = [name, *([PARTS[place[0]]] if tested else []), *map(str, place[tested:])]
    return "/".join(parts)
