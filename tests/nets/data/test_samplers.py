"""The samplers of loaders: what agents learn from in each epoch, and what is tested."""

import random
from functools import cached_property
from itertools import chain

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from nets.data import LoaderBatches, LoaderData
from sdeopt.errors import InvalidArgumentError

N = 60


class Numbers(Dataset):
    """Examples that are their own numbers."""

    def __len__(self):
        return N

    def __getitem__(self, row):
        assert 0 <= row < N
        return row, row


class Uncounted(Dataset):
    def __getitem__(self, row):
        return row, row


class Own(Sampler):
    """Of what users write: its order and its length are given."""

    def __init__(self, order, length=N):
        self.order, self.length = order, length

    def __iter__(self):
        return iter(self.order())

    def __len__(self):
        return self.length


class Batched(Own):
    """The same, in batches of unlike sizes."""

    def __iter__(self):
        rows = list(self.order())
        for first in (0, 20):
            yield rows[first : first + 20]
        yield rows[40:]


class Growing(Sampler):
    """A curriculum: epoch by epoch it draws from more examples."""

    def __init__(self):
        self.epoch = 0

    def __iter__(self):
        if not hasattr(self, "set_epoch"):
            self.epoch += 1
        return iter((torch.randperm(20) + 20 * self.epoch).tolist())

    def __len__(self):
        return 20


class Told(Growing):
    def set_epoch(self, epoch):
        self.epoch = epoch


class Holding(Sampler):
    """A sampler with a source of random numbers of its own."""

    def __init__(self, source, draw):
        self.source, self.draw = source, draw

    def __iter__(self):
        return iter(self.draw(self.source))

    def __len__(self):
        return N


class Shuffling(Sampler):
    def __init__(self):
        self.rows = list(range(N))

    def __iter__(self):
        random.shuffle(self.rows)
        return iter(self.rows)

    def __len__(self):
        return N


class Nested(Sampler):
    """Around another sampler, of which it keeps the order it computed at first."""

    def __init__(self, inner):
        self.inner = inner

    @cached_property
    def places(self):
        return list(range(N))

    def __iter__(self):
        return (self.places[row] for row in self.inner)

    def __len__(self):
        return N


def loader(sampler, batch=10, **options):
    return DataLoader(Numbers(), batch, sampler=sampler, **options)


def batches(source, agents=1, first=0, **options):
    return LoaderBatches(source, agents, 1, first, **options)


def at_random():
    return torch.randperm(N).tolist()


def joined(lists):
    return list(chain.from_iterable(lists))


def rows_tested(source):
    data = LoaderData({"test": source})
    rows = [targets.tolist() for _, targets in data.test.chunks(25)]
    assert data.sizes[2] == sum(map(len, rows))
    return rows


def test_a_part_is_what_its_sampler_gives():
    parts = {
        "train": loader(SubsetRandomSampler(range(40))),
        "validation": loader(SubsetRandomSampler(range(40, 60))),
    }
    data = LoaderData(parts)
    assert data.sizes == (40, 20, 0)
    held = [targets.tolist() for _, targets in data.validation.chunks(500)]
    assert held == [list(range(40, 50)), list(range(50, 60))]
    other = LoaderData(parts | {"validation": loader(SubsetRandomSampler(range(39, 59)))})
    assert other.sizes == data.sizes
    assert other.configuration() != data.configuration()


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        (SequentialSampler(range(12)), range(12)),
        (RandomSampler(range(12)), range(12)),
        (SubsetRandomSampler(torch.tensor([7, 3, 5])), [3, 5, 7]),
        (SubsetRandomSampler([5, 3, 5]), [3, 5, 5]),
        (SubsetRandomSampler([]), []),
        (RandomSampler(Numbers(), generator=torch.Generator()), range(N)),
        (WeightedRandomSampler([1.0] * 4 + [0.0] * 56, 4, replacement=False), range(4)),
        (Own(lambda: range(50, 20, -1)), range(21, 51)),
        (Own(at_random), range(N)),
    ],
)
def test_what_is_the_same_each_time_is_tested(sampler, expected):
    assert joined(rows_tested(loader(sampler))) == list(expected)


def test_batches_of_a_sampler_are_tested_as_they_are():
    made = DataLoader(Numbers(), batch_sampler=[[3, 1], [5]])
    assert rows_tested(made) == [[3, 1], [5]]
    drawn = rows_tested(DataLoader(Numbers(), batch_sampler=Batched(at_random, 3)))
    assert sorted(joined(drawn)) == list(range(N))
    plain = BatchSampler(SubsetRandomSampler(range(30)), 12, drop_last=True)
    assert joined(rows_tested(DataLoader(Numbers(), batch_sampler=plain))) == list(range(30))


@pytest.mark.parametrize(
    "source",
    [
        loader(WeightedRandomSampler([1.0] * N, N)),
        loader(RandomSampler(Numbers(), replacement=True)),
        loader(RandomSampler(Numbers(), num_samples=N - 1)),
        loader(RandomSampler(Numbers(), num_samples=N + 1)),
        loader(Own(lambda: torch.randint(N, (N,)).tolist())),
        loader(Told()),
        DataLoader(Numbers(), batch_sampler=Batched(lambda: at_random()[1:], 3)),
    ],
)
def test_a_test_of_other_examples_each_time_is_refused(source):
    with pytest.raises(
        InvalidArgumentError, match=r"other examples each time.* Subset|Subset\("
    ) as e:
        LoaderData({"validation": source})
    assert "\n" not in str(e.value)


def test_tested_loaders_are_refused_for_the_reasons_of_others():
    dealt = DistributedSampler(Numbers(), num_replicas=2, rank=0, shuffle=False)
    for source, words in (
        (loader(dealt), "DistributedSampler"),
        (loader(Growing()), "'epoch' changes"),
        (Uncounted(), "Uncounted has no length"),
        (DataLoader(Uncounted(), 10), "Uncounted has no length"),
    ):
        with pytest.raises(InvalidArgumentError, match=words):
            LoaderData({"test": source})


def test_a_sampler_that_counts_its_epochs_is_refused_and_one_that_is_told_is_told():
    with pytest.raises(InvalidArgumentError, match=r"Growing .*'epoch' changes.* set_epoch"):
        batches(loader(Growing()))
    told = batches(loader(Told()), agents=2)
    largest = [max(int(targets[0].max()) for _, targets in told) for _ in range(3)]
    assert largest == [19, 39, 59]
    resumed = batches(loader(Told()), agents=2)
    resumed.load_state_dict({"epoch": 2, "position": 0})
    assert resumed._orders(2) == told._orders(2)
    assert told._loaders[0].sampler.epoch == 0


SOURCES = [
    (torch.Generator(), lambda source: torch.randperm(N, generator=source).tolist()),
    (np.random.default_rng(1), lambda source: source.permutation(N)),
    (np.random.RandomState(1), lambda source: source.permutation(N)),
    (random.Random(1), lambda source: source.sample(range(N), N)),
]


@pytest.mark.parametrize(("source", "draw"), SOURCES, ids=lambda each: type(each).__name__)
def test_a_generator_of_a_samplers_own_is_refused(source, draw):
    for sampler in (Holding(source, draw), Nested(Holding(source, draw))):
        with pytest.raises(InvalidArgumentError, match="generator of its own, 'source'"):
            batches(loader(sampler), agents=2)
    hidden = Holding([source], lambda sources: draw(sources[0]))
    with pytest.raises(InvalidArgumentError, match="another one after each epoch"):
        batches(loader(hidden), agents=2)


class Late(Own):
    """It counts epochs beside an order that is the same in each."""

    def __iter__(self):
        self.epoch = getattr(self, "epoch", 0) + 1
        return iter(self.order())


class Keeping(Sampler):
    """One order for all epochs, drawn in the first."""

    def __init__(self):
        self.rows = None

    def __iter__(self):
        if self.rows is None:
            self.rows = at_random()
        return iter(self.rows)

    def __len__(self):
        return N


def test_orders_that_are_shuffled_in_place_or_kept_are_state():
    for sampler in (Shuffling(), Keeping()):
        with pytest.raises(InvalidArgumentError, match="'rows' changes"):
            batches(loader(sampler))
    with pytest.raises(InvalidArgumentError, match="'epoch' changes"):
        batches(
            DataLoader(Numbers(), batch_sampler=BatchSampler(Nested(Late(at_random)), 10, False))
        )


@pytest.mark.parametrize(
    "make",
    [
        lambda: SubsetRandomSampler(range(40), generator=torch.Generator()),
        lambda: WeightedRandomSampler([1.0] * N, 40, generator=torch.Generator()),
        lambda: Nested(RandomSampler(Numbers(), generator=torch.Generator())),
        lambda: Own(lambda: np.random.permutation(N)),  # noqa: NPY002
        Told,
    ],
)
def test_the_order_of_an_agent_does_not_depend_on_others(make):
    together, alone = batches(loader(make()), agents=2), batches(loader(make()), first=1)
    for epoch in (0, 1):
        first, second = together._orders(epoch)
        assert [second] == alone._orders(epoch)
        assert first != second


def test_a_random_order_of_other_numbers_is_not_one_of_all_examples():
    few = batches(loader(RandomSampler(range(12), num_samples=N)))
    assert max(row for rows in few._orders(0)[0] for row in rows) == 11


def test_batches_of_each_source_decide_a_training():
    def configuration(batch, **options):
        second = DataLoader(Numbers(), batch, shuffle=True, **options)
        return batches([DataLoader(Numbers(), 10, shuffle=True), second], 2).configuration()

    assert configuration(10) == configuration(10)
    assert configuration(11) != configuration(10) != configuration(10, drop_last=True)
    explicit = [
        batches(
            DataLoader(Numbers(), batch_sampler=BatchSampler(RandomSampler(Numbers()), size, False))
        )
        for size in (10, 11)
    ]
    assert [each.batch for each in explicit] == [10, 11]
    assert explicit[0].configuration() != explicit[1].configuration()


@pytest.mark.parametrize(
    ("source", "examples"),
    [
        (loader(WeightedRandomSampler([1.0] * N, 40), 15), 40),
        (loader(WeightedRandomSampler([1.0] * N, 40), 15, drop_last=True), 30),
        (loader(None, 16, shuffle=True), 60),
        (loader(None, 16, shuffle=True, drop_last=True), 48),
        (DataLoader(Numbers(), batch_sampler=[[3, 1], [5]]), 3),
    ],
)
def test_examples_are_those_of_an_epoch(source, examples):
    served = batches(source)
    assert served.examples == examples == sum(targets[0].numel() for _, targets in served)


def test_an_incomplete_last_batch_is_seen_before_the_training():
    served = batches(loader(WeightedRandomSampler([1.0] * N, 40), 15))
    assert served.examples % served.batch == 10


class Varying(Own):
    def set_epoch(self, epoch):
        self.order = lambda: range(N - 10 * epoch)


def test_lengths_that_are_absent_or_wrong_are_told_so():
    class Endless(IterableDataset):
        def __iter__(self):
            return iter(())

    class Bare(Sampler):
        def __iter__(self):
            return iter(at_random())

    for make, words in (
        (lambda: batches(Uncounted(), batch=10), "Uncounted has no length"),
        (lambda: batches([DataLoader(Uncounted(), 10)]), "Uncounted has no length"),
        (lambda: batches(Endless(), batch=10), "IterableDataset"),
        (lambda: batches(loader(Bare())), "Bare has no length"),
        (lambda: batches(DataLoader(Numbers(), batch_sampler=Bare())), "Bare has no length"),
        (lambda: batches(loader(Own(at_random, 80))), "Own makes 6 batches .* there are 8"),
        (lambda: batches(loader(Own(at_random, 40))), "Own makes 6 batches .* there are 4"),
    ):
        with pytest.raises(InvalidArgumentError, match=words):
            make()
    varying = batches(loader(Varying(at_random)))
    assert len(list(varying)) == 6
    with pytest.raises(InvalidArgumentError, match="makes 5 batches in epoch 1"):
        next(iter(varying))


def test_a_sampler_of_its_own_makes_a_length_of_the_data_set_needless():
    source = DataLoader(Uncounted(), 10, sampler=Own(at_random))
    assert len(list(batches(source))) == 6
    assert sorted(joined(rows_tested(source))) == list(range(N))
