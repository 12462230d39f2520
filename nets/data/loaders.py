"""Ordinary data sets and loaders of torch as the batches of agents, each in an order of its own.

A `torch.utils.data.DataLoader` has one order for whoever reads it. Here it is a description: of the
examples, the size of a batch, how examples become one, and how many processes fetch them. Every agent
reads through a loader of its own, and all that is random about it, the order as well as what the data
set draws for an example, follows from (seed, agent, epoch, batch): a training that was interrupted goes
on with the same examples, whatever the number of agents or of processes that fetch.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
)

from nets.data.agent_batches import ORDER
from nets.data.data_set import shuffled
from nets.data.samplers import (
    Rows,
    batch_of,
    count_batches,
    drawing,
    drawn,
    plainly_random,
    refuse_order,
    refuse_state,
)
from nets.identity import identity_of
from nets.trees import Separate, Split, Tree, mapped, split_batch
from sdeopt.arguments import ANY_SIZE, whole_number
from sdeopt.display import in_one_line
from sdeopt.errors import InvalidArgumentError

EXAMPLES = 3
"""What a random stream is for, beside `nets.data.samplers.SAMPLER`: what a data set draws."""

Source: TypeAlias = Dataset[Any] | DataLoader[Any]

Wanted: TypeAlias = tuple[tuple[int, ...], list[int]]
"""The key of a batch, which its random numbers follow from, and the numbers of its examples."""


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
    dataset = source.dataset if isinstance(source, DataLoader) else source
    if isinstance(dataset, IterableDataset):
        raise InvalidArgumentError(
            "the data set is an IterableDataset, whose examples have no numbers to shuffle by a seed; "
            "give one with __getitem__ and __len__."
        )
    if isinstance(source, DataLoader):
        if batch is not None:
            raise InvalidArgumentError(
                f"batch is {batch}, but the loader has a batch size already; leave one of them out."
            )
        inner = getattr(source.batch_sampler, "sampler", None)
        if isinstance(inner, SequentialSampler | RandomSampler):
            _refuse_uncounted(dataset)
        loader = source
    elif isinstance(source, Dataset) or hasattr(source, "__getitem__"):
        if batch is None:
            raise InvalidArgumentError(
                "a Dataset does not say how many examples a batch has; give batch=..., or a DataLoader."
            )
        _refuse_uncounted(source)
        size = whole_number(batch, "batch", minimum=1)
        loader = DataLoader(source, size, shuffle=train, drop_last=train)  # type: ignore[arg-type]
    else:
        raise InvalidArgumentError(
            f"a source of batches is a {type(source).__name__}, but must be a torch.utils.data.Dataset "
            "or DataLoader."
        )
    if loader.batch_sampler is None:
        raise InvalidArgumentError(
            "the loader has batch_size=None, so that it makes no batches; give it a batch size."
        )
    return loader


def _refuse_uncounted(dataset: object) -> None:
    try:
        len(dataset)  # type: ignore[arg-type]
    except (TypeError, NotImplementedError) as problem:
        raise InvalidArgumentError(
            f"the data set {type(dataset).__name__} has no length, so that its examples cannot be "
            "numbered; give it __len__, or its loader a sampler of its own."
        ) from problem


class LoaderBatches:
    """The training batches of some agents, from ordinary data sets or loaders of torch.

    Parameters
    ----------
    source : DataLoader or Dataset, or sequence of them
        What the agents learn from; with a sequence, agent i has source i. Of a loader the data set, the
        batch size, ``drop_last``, ``collate_fn``, the sampler and the number of processes are used.
        Its random order is replaced by one for each agent. Any other sampler is copied for each agent
        and epoch, is told the epoch if it has ``set_epoch``, and draws from a stream of the agent's
        own; one that remembers epochs or has generators of its own is refused.
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
    examples : int
        Examples of an epoch of the first agent here; all agents have as many batches.

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
            refuse_order(loader, own)
        lengths = {count_batches(loader) for loader in self._loaders}
        if len(lengths) > 1 or 0 in lengths:
            raise InvalidArgumentError(
                f"an epoch of the agents has {', '.join(map(str, sorted(lengths)))} batches, but must "
                "have as many for each, and at least one; choose other batch sizes or examples."
            )
        for loader in self._loaders if own else self._loaders[:1]:
            if not plainly_random(loader):
                refuse_state(loader)
        self._indices = lru_cache(maxsize=1)(self._orders)
        self.examples = sum(map(len, self._indices(0)[0][: len(self)]))

    def __repr__(self) -> str:
        return in_one_line(self, "agents", "batch", "seed", batches=len(self))

    def serve(self, names: tuple[str, ...], device: torch.device) -> None:
        """Bring batches to a device, for a network whose forward takes arguments of these names."""
        self._names, self._device = names, device

    @property
    def batch(self) -> int:
        """Examples of a batch, at most; 0 where a sampler decides."""
        return batch_of(self._loaders[0])[0]

    @property
    def drop_last(self) -> bool:
        """Whether examples that do not fill a batch are left out."""
        return batch_of(self._loaders[0])[1]

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
        if not plainly_random(loader):
            return drawn(loader, self.seed, agent, epoch)
        size, _ = batch_of(loader)
        order = shuffled(len(loader.dataset), self.seed, ORDER, agent, epoch).tolist()  # type: ignore[arg-type]
        return [order[first : first + size] for first in range(0, len(order), size)]

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
                    "random": plainly_random(loader) or identity_of(loader.batch_sampler),
                    # `batch` and `drop_last` are those of the first one alone
                    "batch": list(batch_of(loader)),
                }
                for loader in self._given
            ],
            "split": identity_of(self.split),
        }
