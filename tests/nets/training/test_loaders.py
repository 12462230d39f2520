"""Ordinary loaders and data sets of torch: orders of each agent's own, any batch, resumed to the bit."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    WeightedRandomSampler,
)
from torch.utils.data.distributed import DistributedSampler

from nets.couplings import EASGD, QSGD, Uncoupled
from nets.data import AgentBatches, LoaderBatches
from nets.ensemble.ensemble import Ensemble
from nets.training import Callback, EarlyStop, Measurement, Trainer
from sdeopt.errors import CheckpointError, InvalidArgumentError
from tests.nets.training.training_runs import AGENTS, BATCH, CRITERION, made_up_data, network

DATA = made_up_data()
PARTS = {name: TensorDataset(*getattr(DATA, name)) for name in ("train", "validation", "test")}


def loader(examples=PARTS["train"], **options):
    return DataLoader(examples, BATCH, **{"shuffle": True, "drop_last": True} | options)


def trainer(batches, data, *, make=network, criterion=CRITERION, way="loop", seed=5, **options):
    ensemble = Ensemble(make, AGENTS, seed=seed, way=way)
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1, momentum=0.9, nesterov=True)
    rule = options.pop("rule", EASGD(coupling=2.0))
    return Trainer(ensemble, optimizer, rule, batches, criterion, data, progress=False, **options)


def test_a_loader_gives_the_bits_of_the_same_data_in_memory():
    measured = Measurement(distortion=True, chunk=10)
    own = trainer(AgentBatches(DATA, AGENTS, BATCH, 5), DATA, measurement=measured).run(2)
    found = trainer(loader(), PARTS, measurement=measured).run(2)
    assert found.drop_attrs().identical(own.drop_attrs())
    assert found.attrs == {"seed": 5, "order_seed": 5}
    other = trainer(LoaderBatches(loader(), AGENTS, 6), PARTS, measurement=measured).run(2)
    assert other.attrs["order_seed"] == 6
    assert not other["agent_loss"].equals(found["agent_loss"])


class Rows(Dataset):
    """Dictionaries with a weight for each example, drawn at random anew each time."""

    def __init__(self, part):
        self.inputs, self.targets = part

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, row):
        weight = 1 + torch.rand(())
        return {
            "left": self.inputs[row, :2],
            "right": self.inputs[row, 2:],
            "labels": self.targets[row],
            "weight": weight,
        }


class TwoSided(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.last = torch.nn.Linear(4, 3)

    def forward(self, left, right):
        return self.last(torch.cat([left, right], dim=1))


def weighted(outputs, batch):
    losses = functional.cross_entropy(outputs, batch["labels"], reduction="none")
    return (batch["weight"] * losses).sum() / batch["weight"].sum()


ROWS = {name: Rows(getattr(DATA, name)) for name in ("train", "validation", "test")}


def rows_trainer(**options):
    batches = options.pop("batches", None) or loader(ROWS["train"])
    settings = {"make": TwoSided, "criterion": weighted, **options}
    return trainer(batches, ROWS, **settings)


def test_dictionaries_reach_the_network_by_name_and_the_criterion_whole():
    """Agent 1 without coupling is an ordinary loop; the weights drawn are those of its stream."""
    training = rows_trainer(rule=Uncoupled())
    alone = training.ensemble.module(1).train()
    training.run(2)
    batches = LoaderBatches(loader(ROWS["train"]), 1, 5, first_agent=1)
    batches.serve(("left", "right"), torch.device("cpu"))
    optimizer = torch.optim.SGD(alone.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(2):
        for inputs, targets in batches:
            optimizer.zero_grad()
            weighted(alone(**inputs[0]), targets[0]).backward()
            optimizer.step()
    assert inputs[0].keys() == {"left", "right"}
    assert targets[0].keys() == {"left", "right", "labels", "weight"}
    for name, weight in alone.named_parameters():
        assert torch.equal(weight, training.ensemble.weights[name][1]), name


def test_all_ways_agree_on_dictionaries():
    def plain(outputs, batch):
        return CRITERION(outputs, batch["labels"])

    one = rows_trainer(criterion=plain).run(2)
    assert (one["mean_loss"][-1] < one["mean_loss"][0]).all()
    # half of the weights of a batch are not half of all: parts are for plain means
    for options in ({"way": "batched"}, {"micro_batch": 3}, {"way": "batched", "micro_batch": 3}):
        found = rows_trainer(criterion=plain, **options).run(2)
        for variable in ("agent_loss", "quorum_loss", "agent_accuracy"):
            assert found[variable].values == pytest.approx(one[variable].values, rel=1e-4), options
    both = [rows_trainer(way=way).run(1)["quorum_loss"].values for way in ("loop", "batched")]
    assert both[0] == pytest.approx(both[1], rel=1e-4)


def test_tuples_of_several_inputs_and_a_split_of_ones_own():
    halves = [(part.inputs[:, :2], part.inputs[:, 2:], part.targets) for part in (DATA.train,)]
    examples = TensorDataset(*halves[0])
    several = trainer(loader(examples), {}, make=TwoSided).run(1)
    named = trainer(
        loader(examples),
        {},
        make=TwoSided,
        split=lambda batch: ({"left": batch[0], "right": batch[1]}, batch[2]),
    ).run(1)
    assert several["batch_loss"][-1].equals(named["batch_loss"][-1])
    assert several["mean_loss"].isnull().all()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_whoever_fetches_and_wherever_it_stopped_the_bits_are_the_same(tmp_path):
    whole = rows_trainer().run(2)
    fetched = rows_trainer(batches=loader(ROWS["train"], num_workers=1)).run(2)
    assert fetched["agent_loss"].equals(whole["agent_loss"])

    class Stop(Callback):
        def on_step(self, trainer, losses):
            if trainer.step == 8:  # in the second epoch
                trainer._save()
                raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        rows_trainer(checkpoint=tmp_path, callbacks=[Stop()]).run(2)
    resumed = rows_trainer(checkpoint=tmp_path)
    assert resumed.run(2).equals(whole)
    with pytest.raises(CheckpointError):
        rows_trainer(checkpoint=tmp_path, batches=loader(Rows(DATA.test))).run(2)


def test_a_list_gives_every_agent_its_own_examples():
    thirds = [TensorDataset(*(each[first::3] for each in DATA.train)) for first in range(3)]
    batches = LoaderBatches(thirds, AGENTS, 1, batch=BATCH)
    for _, targets in batches:
        assert [set(own.tolist()) for own in targets] == [{0}, {1}, {2}]
    assert len(batches) == 2
    found = trainer([loader(each) for each in thirds], PARTS).run(1)
    assert np.isfinite(found["agent_loss"]).all()


def test_other_samplers_draw_from_the_streams_of_the_agents():
    sampler = WeightedRandomSampler([0.0] * 24 + [1.0] * 24, 16)
    batches = LoaderBatches(loader(shuffle=False, sampler=sampler), 2, 1)
    rows = [batches._orders(epoch) for epoch in (0, 0, 1)]
    assert rows[0] == rows[1] != rows[2]
    assert rows[0][0] != rows[0][1]
    assert min(row for order in rows[0] for each in order for row in each) >= 24
    before = torch.get_rng_state()
    batches._orders(7)
    assert torch.equal(torch.get_rng_state(), before)


def ragged(rows):
    length = 2 + int(rows[0][1])
    inputs = torch.stack([row[0].repeat(2)[:length] for row in rows])
    return inputs, torch.stack([row[1] for row in rows])


class Sums(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.last = torch.nn.Linear(1, 3)

    def forward(self, inputs):
        return self.last(inputs.sum(1, keepdim=True))


def test_batches_of_unlike_shapes_are_for_the_loop():
    result = trainer(loader(collate_fn=ragged), {}, make=Sums).run(1)
    assert np.isfinite(result["batch_loss"][-1]).all()
    with pytest.raises(InvalidArgumentError, match="way='loop', or pad"):
        trainer(loader(collate_fn=ragged), {}, make=Sums, way="batched").run(1)


class Watching(Callback):
    def __init__(self, last):
        self.seen, self.last = [], last

    def on_start(self, trainer):
        self.seen.append("start")

    def on_step(self, trainer, losses):
        assert losses.shape == (AGENTS,)
        self.seen.append(trainer.step)

    def on_epoch(self, trainer, epoch, record):
        assert record["synchronization"] >= 0
        self.seen.append(f"epoch {epoch}")
        if epoch == self.last:
            trainer.stop()

    def on_end(self, trainer):
        self.seen.append("end")


def test_callbacks_see_steps_and_epochs_and_may_stop():
    watching = Watching(last=1)
    result = trainer(loader(), PARTS, callbacks=[watching]).run(5)
    assert watching.seen == ["start", "epoch 0", 1, 2, 3, 4, 5, 6, "epoch 1", "end"]
    assert result.sizes["epoch"] == 2


def test_it_stops_when_the_loss_no_longer_falls():
    # a loss that rises from the second epoch on
    factor = iter([1.0] * 3 + [0.5] * 3 + [n for n in range(1, 100) for _ in range(3)])

    def rising(outputs, targets):
        scale = 1.0 if outputs.requires_grad else next(factor)
        return scale * CRITERION(outputs.detach() * 0, targets) + 0 * outputs.sum()

    measured = Measurement(agent_parts=("validation",), centre_parts=())
    result = trainer(
        loader(), PARTS, criterion=rising, measurement=measured,
        callbacks=[EarlyStop(2, "agent_loss")],
    ).run(9)  # fmt: skip
    assert result.sizes["epoch"] == 4
    for wrong in ({"loss": "loss"}, {"part": "tests"}, {"patience": 0}):
        with pytest.raises(InvalidArgumentError):
            EarlyStop(**wrong)
    with pytest.raises(InvalidArgumentError, match="not measured on the validation part"):
        trainer(loader(), {}, callbacks=[EarlyStop()]).run(1)


class Endless(IterableDataset):
    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    ("batches", "words"),
    [
        (lambda: loader(shuffle=False), "shuffle=True"),
        (lambda: PARTS["train"], "needs a batch size"),
        (lambda: 7, "is no source of batches"),
        (lambda: DataLoader(Endless(), 4), "IterableDataset"),
        (lambda: DataLoader(PARTS["train"], None), "batch_size=None"),
        (
            lambda: loader(
                shuffle=False, sampler=DistributedSampler(PARTS["train"], num_replicas=2, rank=0)
            ),
            "DistributedSampler",
        ),
        (lambda: [loader(), loader()], "2 sources for agents 0 to 2"),
        (lambda: loader(TensorDataset(*(each[:3] for each in DATA.train))), "0 batches"),
    ],
)
def test_what_is_no_source_is_told_so(batches, words):
    with pytest.raises(InvalidArgumentError, match=words):
        trainer(batches(), PARTS)


def test_mistakes_about_batches_are_told_so():
    with pytest.raises(InvalidArgumentError, match="forward takes 'input'"):
        trainer(loader(ROWS["train"]), {}).run(1)
    with pytest.raises(InvalidArgumentError, match="did you mean 'test'"):
        trainer(loader(), {"tests": PARTS["test"]})
    with pytest.raises(InvalidArgumentError, match="what is tested on is a int"):
        trainer(loader(), 3)
    with pytest.raises(InvalidArgumentError, match="give batch="):
        LoaderBatches(PARTS["train"], 2, 1)
    with pytest.raises(InvalidArgumentError, match="split is for batches"):
        trainer(AgentBatches(DATA, AGENTS, BATCH, 5), DATA, split=lambda batch: batch)


def test_what_is_tested_may_be_one_loader():
    found = trainer(loader(), DataLoader(PARTS["test"], 7), rule=QSGD(2.0)).run(1)
    own = trainer(loader(), PARTS, rule=QSGD(2.0)).run(1)
    expected = own["mean_loss"].sel(part="test").values
    assert found["mean_loss"].sel(part="test").values == pytest.approx(expected, rel=1e-5)
    assert found["mean_loss"].sel(part="train").isnull().all()
