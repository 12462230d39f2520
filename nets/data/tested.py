"""Ordinary data sets and loaders of torch as what is tested on, a batch at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import torch
from torch.utils.data import DataLoader

from nets.data.data_set import PARTS, DataSet
from nets.data.loaders import Source, Wanted, loader_of, reading
from nets.data.samplers import TESTED, batch_of, unchanging_examples
from nets.identity import digest_of, identity_of
from nets.trees import Split, Tree, mapped, split_batch
from sdeopt.errors import unknown_name


class _Batches:
    """Batches that can be gone through again, to the same bits."""

    def __init__(self, part: "LoaderPart", most: int) -> None:
        self._part, self._most = part, most

    def __iter__(self) -> Iterator[tuple[Tree, Tree]]:
        part = self._part
        if part.loader is None or not len(part):
            return
        loader, pieces = part.loader, part.batches
        if pieces is None:
            size = (batch_of(loader)[0] if part.fixed else None) or self._most
            places = torch.arange(len(part)).tensor_split(-(-len(part) // size))
            pieces = [[part.rows[place] for place in piece.tolist()] for piece in places]
        keyed: list[Wanted] = [((place,), piece) for place, piece in enumerate(pieces)]
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
        self.rows, self.batches = (
            ((), None) if self.loader is None else unchanging_examples(self.loader)
        )

    def __len__(self) -> int:
        return len(self.rows)

    def chunks(self, most: int) -> _Batches:
        """Return the examples in nearly equal batches: of the loader's size, or of at most so many.

        Batches that a sampler of the user's makes are left as they are.
        """
        return _Batches(self, most)

    def configuration(self) -> dict[str, Any] | None:
        """Return what decides what is tested, as plain values."""
        if self.loader is None:
            return None
        everything = isinstance(self.rows, range)
        return {
            "examples": identity_of(self.loader.dataset),
            "collate": identity_of(self.loader.collate_fn),
            "batch": batch_of(self.loader)[0] if self.fixed else None,
            "chosen": None if everything else digest_of(identity_of(self.batches or self.rows)),
        }


class LoaderData:
    """What is tested on: data sets or loaders of torch for the three parts.

    Parameters
    ----------
    parts : mapping or DataLoader or Dataset
        Data sets or loaders by ``"train"``, ``"validation"`` and ``"test"``, of which some may be left
        out; one alone is ``"test"``. All examples are tested, in their order; of a loader with a sampler
        those that it gives, as often as it does, such as the indices of a ``SubsetRandomSampler``. A
        sampler that gives others each time is refused.
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
        parts = self.train, self.validation, self.test
        return {
            "parts": [part.configuration() for part in parts],
            "split": identity_of(self._split),
        }


Tested: TypeAlias = DataSet | LoaderData
"""What a trainer tests on."""
