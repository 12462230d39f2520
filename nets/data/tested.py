"""Ordinary data sets and loaders of torch as what is tested on, a batch at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import torch
from torch.utils.data import DataLoader

from nets.data.data_set import PARTS, DataSet
from nets.data.loaders import Source, Wanted, loader_of, reading
from nets.identity import identity_of
from nets.trees import Split, Tree, mapped, split_batch
from sdeopt.errors import unknown_name

TESTED = 1
"""The seed of what a data set draws for a batch that is tested: the same in every test."""


class _Batches:
    """Batches that can be gone through again, to the same bits."""

    def __init__(self, part: "LoaderPart", most: int) -> None:
        self._part, self._most = part, most

    def __iter__(self) -> Iterator[tuple[Tree, Tree]]:
        part = self._part
        if part.loader is None:
            return
        loader = part.loader
        size = (loader.batch_size if part.fixed else None) or self._most
        count = -(-len(part) // size)
        pieces = torch.arange(len(part)).tensor_split(count)
        keyed: list[Wanted] = [((place,), piece.tolist()) for place, piece in enumerate(pieces)]
        for batch in reading(loader, TESTED, keyed):
            here = mapped(lambda tensor: tensor.to(part.served.device, non_blocking=True), batch)
            split = part.served.split
            yield split_batch(here, part.served.names) if split is None else split(here)


class Served(NamedTuple):
    """Whom batches are for."""

    names: tuple[str, ...]
    device: torch.device
    split: Split | None


class LoaderPart:
    """The examples of one use, which may be none."""

    def __init__(self, source: Source | None, served: Served) -> None:
        self.fixed = isinstance(source, DataLoader)
        self.loader = (
            None if source is None else loader_of(source, None if self.fixed else 1, train=False)
        )
        self.served = served

    def __len__(self) -> int:
        return 0 if self.loader is None else len(self.loader.dataset)  # type: ignore[arg-type]

    def chunks(self, most: int) -> _Batches:
        """Return the examples in nearly equal batches: of the loader's size, or of at most so many."""
        return _Batches(self, most)


class LoaderData:
    """What is tested on: data sets or loaders of torch for the three parts.

    Parameters
    ----------
    parts : mapping or DataLoader or Dataset
        Data sets or loaders by ``"train"``, ``"validation"`` and ``"test"``, of which some may be left
        out; one alone is ``"test"``. All examples are tested, in their order.
    names : tuple of str
        What the network's forward takes, where batches are dictionaries.
    device : torch.device, optional
        Where batches are brought to.
    split : callable, optional
        As for `LoaderBatches`.

    Examples
    --------
    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from nets.data.tested import LoaderData
    >>> data = LoaderData({"test": TensorDataset(torch.arange(5.0), torch.arange(5))})
    >>> data.sizes
    (0, 0, 5)
    >>> [targets.tolist() for inputs, targets in data.test.chunks(3)]
    [[0, 1, 2], [3, 4]]
    """

    name = "loaders"

    def __init__(
        self,
        parts: Mapping[str, Source] | Source,
        names: tuple[str, ...] = (),
        device: torch.device | None = None,
        split: Split | None = None,
    ) -> None:
        given = parts if isinstance(parts, Mapping) else {"test": parts}
        for name in given:
            if name not in PARTS:
                raise unknown_name("part of a data set called", str(name), PARTS)
        served = Served(names, device or torch.device("cpu"), split)
        self.train, self.validation, self.test = (
            LoaderPart(given.get(name), served) for name in PARTS
        )
        self._split = split

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many examples are for training, validation and test."""
        return len(self.train), len(self.validation), len(self.test)

    def configuration(self) -> dict[str, Any]:
        """Return what decides what is tested, as plain values."""
        loaders = [part.loader for part in (self.train, self.validation, self.test)]
        return {
            "parts": [
                loader
                and {
                    "examples": identity_of(loader.dataset),
                    "collate": identity_of(loader.collate_fn),
                }
                for loader in loaders
            ],
            "split": identity_of(self._split),
        }


Tested: TypeAlias = DataSet | LoaderData
"""What a trainer tests on."""
