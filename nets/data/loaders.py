"""Ordinary data sets and loaders of torch as the batches of agents, each in an order of its own.

A `torch.utils.data.DataLoader` has one order for whoever reads it. Here it is a description: of the
examples, the size of a batch, how examples become one, and how many processes fetch them. Every agent
reads through a loader of its own, and all that is random about it, the order as well as what the data
set draws for an example, follows from (seed, agent, epoch, batch): a training that was interrupted goes
on with the same examples, whatever the number of agents or of processes that fetch.
"""

import copy
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
)

from nets.data.agent_batches import ORDER
from nets.data.data_set import shuffled
from nets.identity import identity_of
from nets.trees import Separate, Split, Tree, mapped, split_batch
from sdeopt.arguments import ANY_SIZE, whole_number
from sdeopt.display import in_one_line
from sdeopt.errors import InvalidArgumentError

SAMPLER, EXAMPLES = 2, 3
"""What a random stream is for: a sampler of the user's, or what a data set draws for a batch."""

Source: TypeAlias = Dataset[Any] | DataLoader[Any]

Rows: TypeAlias = list[list[int]]
"""The numbers of the examples of every batch of an epoch."""

Wanted: TypeAlias = tuple[tuple[int, ...], list[int]]
"""The key of a batch, which its random numbers follow from, and the numbers of its examples."""


@contextmanager
def drawing(seed: int, *key: int) -> Iterator[None]:
    """Let the generators that data sets draw from begin a stream of their own inside the block."""
    word = int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1, np.uint64)[0])
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()  # noqa: NPY002
    torch.default_generator.manual_seed(word >> 1)
    random.seed(word)
    np.random.seed(word & 0xFFFFFFFF)  # noqa: NPY002
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])  # noqa: NPY002


class Keyed(Dataset[Any]):
    """A data set that is asked for whole batches, and draws for each what its key says."""

    def __init__(self, loader: DataLoader[Any], seed: int) -> None:
        self._examples, self._collate, self._seed = loader.dataset, loader.collate_fn, seed

    def __getitems__(self, wanted: Wanted) -> Any:
        """Return a batch, from its key and the numbers of its examples."""
        key, rows = wanted
        with drawing(self._seed, EXAMPLES, *key):
            if hasattr(self._examples, "__getitems__"):
                return self._collate(self._examples.__getitems__(rows))
            return self._collate([self._examples[row] for row in rows])


def reading(loader: DataLoader[Any], seed: int, keyed: Sequence[Wanted]) -> DataLoader[Any]:
    """Return a loader like another, of given batches."""
    return DataLoader(
        Keyed(loader, seed),
        batch_sampler=keyed,  # type: ignore[arg-type]
        collate_fn=_as_it_is,
        num_workers=loader.num_workers,
        pin_memory=loader.pin_memory,
        timeout=loader.timeout,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        prefetch_factor=loader.prefetch_factor,
        # else it would draw from the generator that networks are made and trained by
        generator=torch.Generator().manual_seed(0),
    )


def _as_it_is(batch: Any) -> Any:
    return batch


def loader_of(source: object, batch: int | None, *, train: bool) -> DataLoader[Any]:
    """Return the loader that a source is or stands for; refuse what has no numbered examples."""
    if isinstance(source, DataLoader):
        if batch is not None:
            raise InvalidArgumentError(
                f"batch is {batch}, but the loader has a batch size already; leave one of them out."
            )
        loader = source
    elif isinstance(source, Dataset) or hasattr(source, "__getitem__"):
        if batch is None:
            raise InvalidArgumentError(
                "a Dataset does not say how many examples a batch has; give batch=..., or a DataLoader."
            )
        size = whole_number(batch, "batch", minimum=1)
        loader = DataLoader(source, size, shuffle=train, drop_last=train)  # type: ignore[arg-type]
    else:
        raise InvalidArgumentError(
            f"a source of batches is a {type(source).__name__}, but must be a torch.utils.data.Dataset "
            "or DataLoader."
        )
    if isinstance(loader.dataset, IterableDataset):
        raise InvalidArgumentError(
            "the data set is an IterableDataset, whose examples have no numbers to shuffle by a seed; "
            "give one with __getitem__ and __len__."
        )
    if loader.batch_sampler is None:
        raise InvalidArgumentError(
            "the loader has batch_size=None, so that it makes no batches; give it a batch size."
        )
    return loader


class LoaderBatches:
    """The training batches of some agents, from ordinary data sets or loaders of torch.

    Parameters
    ----------
    source : DataLoader or Dataset, or sequence of them
        What the agents learn from; with a sequence, agent i has source i. Of a loader the data set, the
        batch size, ``drop_last``, ``collate_fn``, the sampler and the number of processes are used.
        Its random order is replaced by one for each agent. Any other sampler is copied for each agent,
        and draws from a stream of the agent's own.
    agents : int
        How many agents are served here.
    seed : int
        Of the orders, and of what a data set or a collate function draws, from ``torch``, ``random`` or
        ``numpy.random``. (A training with a checkpoint takes only what draws from ``torch``.)
    first_agent : int
        The number of the first agent here.
    batch : int, optional
        Examples of a batch, for data sets without a loader; they are shuffled, and an incomplete last
        batch is left out.
    split : callable, optional
        From a batch to what the network receives and what the criterion sees beside its outputs. By
        default the last entry of a tuple is the targets; of a dictionary, the network receives the
        entries that its forward names, and the criterion sees all of it.

    Attributes
    ----------
    epoch, position : int
        The next batch to come: the number of finished epochs, and of batches of this one.

    Examples
    --------
    >>> import torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> from nets.data import LoaderBatches
    >>> loader = DataLoader(TensorDataset(torch.arange(6.0), torch.arange(6)), 3, shuffle=True)
    >>> batches = LoaderBatches(loader, agents=2, seed=7)
    >>> for inputs, targets in batches:
    ...     print([own.tolist() for own in targets])
    [[1, 3, 2], [2, 0, 4]]
    [[0, 4, 5], [5, 3, 1]]
    """

    share: int | None = None
    """No agent has examples that no other has, but those of a source of its own."""

    def __init__(
        self,
        source: Source | Sequence[Source],
        agents: int,
        seed: int,
        first_agent: int = 0,
        *,
        batch: int | None = None,
        split: Split | None = None,
    ) -> None:
        self.agents = whole_number(agents, "agents", minimum=1)
        self.first_agent = whole_number(first_agent, "first_agent")
        self.seed = whole_number(seed, "seed", maximum=ANY_SIZE)
        self.epoch = self.position = 0
        self.split = split
        self._names: tuple[str, ...] = ()
        self._device = torch.device("cpu")
        sources = list(source) if isinstance(source, list | tuple) else [source]
        own = isinstance(source, list | tuple)
        numbers = range(self.first_agent, self.first_agent + self.agents)
        if own and len(sources) <= numbers[-1]:
            raise InvalidArgumentError(
                f"there are {len(sources)} sources for agents {numbers[0]} to {numbers[-1]}; give one "
                "for each agent, or one for all."
            )
        # of all agents: every process names all of them where it says what it trains on
        self._given = [loader_of(each, batch, train=True) for each in sources]
        self._loaders = [self._given[number if own else 0] for number in numbers]
        for loader in self._loaders:
            _refuse_sampler(loader, own)
        lengths = {len(loader) for loader in self._loaders}
        if len(lengths) > 1 or 0 in lengths:
            raise InvalidArgumentError(
                f"an epoch of the agents has {', '.join(map(str, sorted(lengths)))} batches, but must "
                "have as many for each, and at least one; choose other batch sizes or examples."
            )
        self._indices = lru_cache(maxsize=1)(self._orders)

    def __repr__(self) -> str:
        return in_one_line(self, "agents", "batch", "seed", batches=len(self))

    def serve(self, names: tuple[str, ...], device: torch.device) -> None:
        """Bring batches to a device, for a network whose forward takes arguments of these names."""
        self._names, self._device = names, device

    @property
    def batch(self) -> int:
        """Examples of a batch, at most; 0 where a sampler decides."""
        return self._loaders[0].batch_size or 0

    @property
    def examples(self) -> int:
        """Examples of an agent's epoch."""
        return len(self) * self.batch if self.drop_last else len(self._loaders[0].dataset)  # type: ignore[arg-type]

    @property
    def drop_last(self) -> bool:
        """Whether examples that do not fill a batch are left out."""
        return bool(self._loaders[0].drop_last)

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return len(self._loaders[0])

    def __iter__(self) -> Iterator[tuple[Tree, Tree]]:
        """Yield the batches that are left of this epoch, and begin the next.

        While a batch is used, `position` already names the one after it, as in `AgentBatches`.
        """
        streams = [iter(self._reader(local)) for local in range(self.agents)]
        while self.position < len(self):
            self.position += 1
            pairs = [self._pair(next(stream)) for stream in streams]
            yield Separate(pair[0] for pair in pairs), Separate(pair[1] for pair in pairs)
        self.epoch, self.position = self.epoch + 1, 0

    def _pair(self, batch: Tree) -> tuple[Tree, Tree]:
        here = mapped(lambda tensor: tensor.to(self._device, non_blocking=True), batch)
        return split_batch(here, self._names) if self.split is None else self.split(here)

    def _reader(self, local: int) -> DataLoader[Any]:
        """Return a loader of the batches that are left of this epoch, of one agent."""
        agent, loader = self.first_agent + local, self._loaders[local]
        rows = self._indices(self.epoch)[local]
        keyed = [
            ((agent, self.epoch, place), rows[place]) for place in range(self.position, len(self))
        ]
        return reading(loader, self.seed, keyed)

    def _orders(self, epoch: int) -> list[Rows]:
        """Return the batches of each agent in an epoch, in order."""
        return [
            self._order(loader, self.first_agent + local, epoch)
            for local, loader in enumerate(self._loaders)
        ]

    def _order(self, loader: DataLoader[Any], agent: int, epoch: int) -> Rows:
        sampler = loader.batch_sampler
        if _plainly_random(sampler, loader):
            size = int(sampler.batch_size)  # type: ignore[union-attr]
            order = shuffled(len(loader.dataset), self.seed, ORDER, agent, epoch).tolist()  # type: ignore[arg-type]
            return [order[first : first + size] for first in range(0, len(order), size)]
        own = copy.copy(sampler)
        for part in (own, getattr(own, "sampler", None)):
            if part is not own and part is not None:
                part = copy.copy(part)
                own.sampler = part  # type: ignore[union-attr]
            if hasattr(part, "generator"):
                part.generator = None  # type: ignore[union-attr]
        with drawing(self.seed, SAMPLER, agent, epoch):
            return [list(rows) for rows in own]  # type: ignore[union-attr]

    def state_dict(self) -> dict[str, int]:
        """Return where in the data this run is: epoch and position."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from where another run was.

        Parameters
        ----------
        state : dict
            What `state_dict` returned.
        """
        self.epoch = whole_number(state["epoch"], "epoch")
        self.position = whole_number(state["position"], "position")

    def configuration(self) -> dict[str, Any]:
        """Return what decides the batches, apart from the seed, as plain values."""
        return {
            "sources": [
                {
                    "examples": identity_of(loader.dataset),
                    "collate": identity_of(loader.collate_fn),
                    "random": _plainly_random(loader.batch_sampler, loader)
                    or identity_of(loader.batch_sampler),
                }
                for loader in self._given
            ],
            "split": identity_of(self.split),
        }


def _plainly_random(sampler: object, loader: DataLoader[Any]) -> bool:
    """Return whether a sampler is what ``shuffle=True`` makes."""
    if type(sampler) is not BatchSampler or type(sampler.sampler) is not RandomSampler:
        return False
    inner = sampler.sampler
    return not inner.replacement and inner.num_samples == len(loader.dataset)  # type: ignore[arg-type]


def _refuse_sampler(loader: DataLoader[Any], own: bool) -> None:
    """Refuse orders that would be the same for every agent."""
    sampler = getattr(loader.batch_sampler, "sampler", None)
    if isinstance(sampler, DistributedSampler):
        raise InvalidArgumentError(
            "the loader has a DistributedSampler, which deals the examples out by itself; leave it out: "
            "every agent has an order of its own, in whichever process it is."
        )
    if isinstance(sampler, SequentialSampler) and not own:
        raise InvalidArgumentError(
            "the loader goes through its examples in their order, so that all agents would see the same "
            "batches; make it with shuffle=True, or give each agent a loader of its own."
        )
