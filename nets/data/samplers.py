"""The orders that samplers of torch, and of users' own, give to the agents and to tests.

A sampler is copied whenever it is gone through, and draws from a stream that follows from (seed, agent,
epoch). So an order is the same after an interruption and whichever agents are beside it, if all that it
follows from is there before the epoch begins: what a sampler keeps from one epoch for the next would be
lost with the copy, and a generator of its own be shared by all copies.
"""

import copy
import operator
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
)

from nets.identity import FORMATS
from sdeopt.errors import InvalidArgumentError
from sdeopt.identity import Readers, identity_or_reason, numbers_of

SAMPLER = 2
"""What a random stream is for, beside those of `nets.data.agent_batches`: a sampler of the user's."""

TESTED = 1
"""The seed of what is drawn for a test: the same in every test."""

TIMES = 5
"""How often examples are drawn to see that they are the same: one of n left out at random is the same
one each time with probability n⁻⁴."""

GENERATORS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)

Rows: TypeAlias = list[list[int]]
"""The numbers of the examples of every batch of an epoch."""


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


class _Copy:
    """A copy of a sampler and of the samplers that it is made of."""

    def __init__(self, sampler: object) -> None:
        self._copies: dict[int, Any] = {}
        self._own = self._copied(sampler)

    def _copied(self, sampler: object) -> Any:
        if id(sampler) in self._copies:
            return self._copies[id(sampler)]
        own = self._copies[id(sampler)] = copy.copy(sampler)
        held = getattr(own, "__dict__", {})
        for name, part in list(held.items()):
            if name == "sampler" or isinstance(part, Sampler):
                held[name] = self._copied(part)
        if isinstance(getattr(own, "generator", None), torch.Generator):
            held["generator"] = None  # then torch's samplers draw from the stream
        return own

    def examples(self, seed: int, agent: int, epoch: int) -> list[Any]:
        """Go through it in the stream of an agent's epoch, example by example."""
        with self._epoch(seed, agent, epoch):
            return [_plain(row) for row in self._own]

    def batches(self, seed: int, agent: int, epoch: int) -> Rows:
        """Go through it in the stream of an agent's epoch, batch by batch."""
        with self._epoch(seed, agent, epoch):
            return [[_plain(row) for row in rows] for rows in self._own]

    @contextmanager
    def _epoch(self, seed: int, agent: int, epoch: int) -> Iterator[None]:
        with drawing(seed, SAMPLER, agent, epoch):
            for part in self._copies.values():
                if hasattr(part, "set_epoch"):
                    part.set_epoch(epoch)
            yield

    def held(self) -> Iterator[tuple[tuple[int, str], object]]:
        """Yield the attributes of all the samplers, by the sampler's number and their names."""
        for number, part in enumerate(self._copies.values()):
            for name, value in getattr(part, "__dict__", {}).items():
                if not any(value is other for other in self._copies.values()):
                    yield (number, name), value

    def state(self, dataset: object) -> dict[tuple[int, str], str]:
        """Return a digest of each attribute but the data set, before the first epoch begins again."""
        with self._epoch(0, 0, 0):
            return {
                key: identity_or_reason(value, FORMATS, _READERS)
                for key, value in self.held()
                if value is not dataset
            }


_READERS: Readers = {Dataset: lambda _: iter(["a data set"]), torch.Tensor: numbers_of}


def _plain(row: Any) -> Any:
    """Return the number of an example as int; data sets may have other keys, which stay as they are."""
    try:
        return operator.index(row)
    except TypeError:
        return row


def plainly_random(loader: DataLoader[Any]) -> bool:
    """Return whether the order is that of ``shuffle=True``: every example once, at random."""
    sampler = loader.batch_sampler
    if type(sampler) is not BatchSampler or type(sampler.sampler) is not RandomSampler:
        return False
    inner, count = sampler.sampler, len(loader.dataset)  # type: ignore[arg-type]
    return not inner.replacement and inner.num_samples == len(inner.data_source) == count


def batch_of(loader: DataLoader[Any]) -> tuple[int, bool]:
    """Return how many examples a batch has, 0 where a sampler decides, and whether all have as many."""
    sampler = loader.batch_sampler
    return (sampler.batch_size, sampler.drop_last) if type(sampler) is BatchSampler else (0, False)


def count_batches(loader: DataLoader[Any]) -> int:
    """Return the number of batches of an epoch, which a sampler must know."""
    try:
        return len(loader)
    except (TypeError, NotImplementedError) as problem:
        raise InvalidArgumentError(
            f"the sampler {_kind(loader)} has no length, but an epoch needs a known number of batches; "
            "give it __len__."
        ) from problem


def drawn(loader: DataLoader[Any], seed: int, agent: int, epoch: int) -> Rows:
    """Return the batches of an agent's epoch by the loader's sampler."""
    rows = _Copy(loader.batch_sampler).batches(seed, agent, epoch)
    if len(rows) != len(loader):
        raise InvalidArgumentError(
            f"the sampler {_kind(loader)} makes {len(rows)} batches in epoch {epoch}, but by its length "
            f"there are {len(loader)}; correct its __len__, and let all epochs have as many."
        )
    return rows


def refuse_order(loader: DataLoader[Any], own: bool) -> None:
    """Refuse orders that are not an agent's own: `own` says whether the loader is."""
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


def refuse_state(loader: DataLoader[Any]) -> None:
    """Refuse a sampler whose order depends on what went before, be it another epoch or agent."""
    sampler = _Copy(loader.batch_sampler)
    for (_, name), value in sampler.held():
        if isinstance(value, GENERATORS):
            raise InvalidArgumentError(
                f"the sampler {_kind(loader)} draws from a generator of its own, '{name}', which all "
                "agents would share; let it draw from torch without a generator, or from a "
                "torch.Generator called 'generator', in whose place every agent has its own stream."
            )
    other = _Copy(loader.batch_sampler)
    orders, states = [], []
    # what is computed at first use and kept is the same in every epoch, whatever is drawn
    for one, agent in ((sampler, 0), (sampler, 0), (other, 1)):
        orders.append(one.batches(0, agent, 0))
        states.append(one.state(loader.dataset))
    keys = dict.fromkeys(chain.from_iterable(states))
    changed = [key[1] for key in keys if len({each.get(key) for each in states}) > 1]
    if changed or orders[0] != orders[1]:
        what = f" ('{changed[0]}' changes)" if changed else ""
        raise InvalidArgumentError(
            f"the sampler {_kind(loader)} is another one after each epoch{what}, but the order of an "
            "epoch must follow from the seed and its number alone; give it set_epoch(epoch), which is "
            "called before each epoch, and let nothing else change."
        )


def unchanging_examples(loader: DataLoader[Any]) -> tuple[Sequence[int], Rows | None]:
    """Return the examples that a loader tests, and their batches where a sampler decides these too."""
    sampler = loader.batch_sampler
    inner = sampler.sampler if type(sampler) is BatchSampler else None
    if plainly_random(loader) or (
        type(inner) is SequentialSampler and len(inner) == len(loader.dataset)  # type: ignore[arg-type]
    ):
        return range(len(inner)), None  # type: ignore[arg-type]
    refuse_order(loader, own=True)
    refuse_state(loader)
    batches = None
    times = [(TESTED, number, number) for number in range(TIMES)]
    if inner is None:
        all_batches = [_Copy(sampler).batches(*time) for time in times]
        batches, found = all_batches[0], [list(chain.from_iterable(each)) for each in all_batches]
    else:
        found = [_Copy(inner).examples(*time) for time in times]
    rows = [sorted(each) for each in found]
    if getattr(inner, "replacement", False) or any(each != rows[0] for each in rows):
        raise InvalidArgumentError(
            f"what is tested has the sampler {_kind(loader)}, which gives other examples each time, but "
            "every test needs the same; leave the sampler out, and choose examples by "
            "torch.utils.data.Subset(dataset, indices)."
        )
    return rows[0], batches


def _kind(loader: DataLoader[Any]) -> str:
    sampler = loader.batch_sampler
    return type(sampler.sampler if type(sampler) is BatchSampler else sampler).__name__
