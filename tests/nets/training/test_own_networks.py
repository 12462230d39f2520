"""Networks and criteria of users: what the parts of a training must bear, and what is refused."""

from typing import NamedTuple

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

from nets.couplings import EASGD, QSGD, SDQSGD, Uncoupled, UserDefined
from nets.ensemble.computing import Computing
from nets.ensemble.ensemble import Ensemble
from nets.training import Callback, EarlyStop, Measurement, StallDrops, Trainer
from sdeopt.errors import CheckpointError, InvalidArgumentError

CRITERION = nn.functional.cross_entropy
WAYS = pytest.mark.parametrize("way", ["loop", "batched"])


def examples():
    inputs = torch.randn(24, 4, generator=torch.Generator().manual_seed(3))
    return TensorDataset(inputs, (inputs[:, 0] > 0).long())


def training(network, rule=None, *, agents=2, way="loop", data=None, **options):
    """Return a training of agents on 24 examples, in batches of 8."""
    given = data or examples()
    ensemble = Ensemble(network, agents, seed=1, way=way)
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
    return Trainer(
        ensemble,
        optimizer,
        rule or QSGD(1.0),
        DataLoader(given, 8, shuffle=True),
        options.pop("criterion", CRITERION),
        {"train": given, "validation": given, "test": given},
        scheduler=options.pop("scheduled", lambda _: None)(optimizer),
        progress=False,
        **options,
    )


class Scaled(nn.Module):
    """A learnt temperature and a constant, both single numbers."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.temperature = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("constant", torch.tensor(0.5))

    def forward(self, inputs):
        return self.layer(inputs) * self.temperature * self.constant


def no_faster(points, quorum, t):
    return (quorum - points).clamp(-1.0, 1.0)


@WAYS
@pytest.mark.parametrize("rule", [QSGD(1.0), EASGD(1.0), UserDefined(1.0, force=no_faster)])
def test_single_numbers_are_parameters_too(way, rule):
    trainer = training(Scaled, rule, way=way)
    result = trainer.run(1)
    weights = trainer.ensemble.weights
    squares = [(each - each.mean(0)).square().sum() for each in weights.values()]
    assert result["synchronization"].values[-1] == pytest.approx(float(sum(squares)), rel=1e-5)
    assert weights["temperature"].shape == (2,)


class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.waves = nn.Parameter(torch.randn(4, 2, dtype=torch.complex64))

    def forward(self, inputs):
        return (inputs.to(torch.complex64) @ self.waves).abs()


def test_distances_between_complex_weights():
    trainer = training(Complex)
    trainer.run(1)
    waves = trainer.ensemble.weights["waves"]
    wanted = (waves - waves.mean(0)).abs().square().sum()
    assert trainer.history.last("synchronization") == pytest.approx(float(wanted), rel=1e-5)


class Features(nn.Module):
    def __init__(self, numbers=torch.randn):
        super().__init__()
        self.directions = numbers(4, 8)
        self.layer = nn.Linear(8, 2)

    def forward(self, inputs):
        return self.layer(torch.cos(inputs @ self.directions))


def test_arrays_that_differ_among_agents_are_no_plain_attributes():
    with pytest.raises(InvalidArgumentError, match="agent 1 have unlike 'directions', which is"):
        training(Features)
    training(lambda: Features(torch.ones))
    # what hooks compute from parameters differs as these do
    training(lambda: nn.utils.spectral_norm(nn.Linear(4, 2)))


class Counting(nn.Module):
    """A warmup that counts its own steps; what is computed once and kept is no state."""

    def __init__(self):
        super().__init__()
        self.layer, self.steps, self.cache = nn.Linear(4, 2), 0, None

    def forward(self, inputs):
        self.cache = torch.ones(2)
        self.steps += self.counts and self.training
        return self.layer(inputs) * self.cache

    counts = True


class Still(Counting):
    counts = False


class Normalizing(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("usual", torch.ones(()))

    def forward(self, outputs, targets):
        loss = CRITERION(outputs, targets)
        self.usual = 0.9 * self.usual + 0.1 * loss.detach()
        return loss / self.usual


def test_a_checkpoint_keeps_no_other_state(tmp_path):
    training(Counting).run(1)
    with pytest.raises(
        InvalidArgumentError, match=r"changed its attribute 'steps', .* a buffer, or"
    ):
        training(Counting, checkpoint=tmp_path / "counting").run(1)
    training(Still, checkpoint=tmp_path / "still").run(2)
    with pytest.raises(InvalidArgumentError, match="the criterion has a state that changes"):
        training(Scaled, criterion=Normalizing(), checkpoint=tmp_path / "criterion").run(1)


class Sampling(nn.Module):
    """Draws in evaluation too, as a variational autoencoder does."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, inputs):
        return self.layer(inputs + torch.randn_like(inputs))


def test_what_is_drawn_in_evaluation_follows_from_nothing_else():
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(training(Sampling, SDQSGD(1.0, epoch_steps=3)).run(2))
    assert found[0].equals(found[1])
    # nor from the agents beside it
    ensemble = Ensemble(Sampling, 3, seed=1)
    inputs, targets = examples().tensors
    together, _ = ensemble.evaluate(CRITERION, inputs, targets)
    last = {name: stack[2:] for name, stack in ensemble.weights.items()}
    alone, _ = ensemble.evaluate(CRITERION, inputs, targets, last)
    assert torch.equal(together[2:], alone)


class Bounded(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(6, 4, max_norm=0.5)
        self.layer = nn.Linear(4, 2)

    def forward(self, inputs):
        return self.layer(self.words(inputs))


def test_measuring_does_not_bound_the_norms_of_words():
    words = torch.randint(6, (24,), generator=torch.Generator().manual_seed(2))
    data = TensorDataset(words, words % 2)
    weights = []
    for every in (1, 9):
        trainer = training(Bounded, data=data, measurement=Measurement(every=every))
        before = {name: stack.clone() for name, stack in trainer.ensemble.weights.items()}
        trainer.ensemble.evaluate(CRITERION, words, words % 2)
        assert all(
            torch.equal(before[name], each) for name, each in trainer.ensemble.weights.items()
        )
        trainer.run(2)
        weights.append(trainer.ensemble.weights)
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def lengths(batch):
    inputs, targets = zip(*batch, strict=True)
    return (torch.stack(inputs), [len(each) for each in inputs]), torch.stack(targets)


class WithLengths(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, inputs, numbers):
        return self.layer(inputs) / numbers[0]


@pytest.mark.parametrize(
    ("way", "micro_batch", "words"),
    [
        ("loop", 4, "holds 4, which is no tensor, .* parts of micro_batch"),
        ("batched", None, "holds 4, which is no tensor, .* in one pass"),
    ],
)
def test_what_is_no_tensor_is_neither_cut_nor_stacked(way, micro_batch, words):
    ensemble = Ensemble(WithLengths, 2, seed=1, way=way)
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
    loader = DataLoader(examples(), 8, shuffle=True, collate_fn=lengths)
    trainer = Trainer(
        ensemble,
        optimizer,
        QSGD(1.0),
        loader,
        CRITERION,
        {},
        micro_batch=micro_batch,
        progress=False,
    )
    with pytest.raises(InvalidArgumentError, match=words):
        trainer.run(1)


def test_a_number_beside_the_examples_is_not_cut():
    pieces = Computing(micro_batch=2).parts((torch.ones(4, 3), torch.tensor(2.0)), torch.ones(4), 0)
    with pytest.raises(
        InvalidArgumentError, match=r"a batch of 4 examples has a tensor of shape \(\)"
    ):
        next(pieces)


class Pair(NamedTuple):
    mean: torch.Tensor
    spread: torch.Tensor


def test_outputs_of_any_container_are_in_single_precision():
    computing, half = Computing(autocast=torch.bfloat16), torch.ones(2, dtype=torch.bfloat16)
    assert computing.single(Pair(half, half)).spread.dtype == torch.float32
    assert computing.single({0: half})[0].dtype == torch.float32
    assert isinstance(computing.single(Pair(half, half)), Pair)


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.LambdaLR(o, lambda step: min(1.0, step / 5)),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 2),
    ],
)
def test_rates_of_zero_move_nothing(make):
    trainer = training(Scaled, EASGD(1.0), scheduled=make, schedule_every="step")
    losses = trainer.run(2)["agent_loss"].values
    assert (losses == losses).all()


@pytest.mark.parametrize("kind", ["sequence", "chain"])
def test_functions_inside_a_schedule_decide_a_training(tmp_path, kind):
    def scheduled(function):
        def make(optimizer):
            inner = lr_scheduler.LambdaLR(optimizer, function)
            if kind == "chain":
                return lr_scheduler.ChainedScheduler([inner])
            rest = lr_scheduler.ConstantLR(optimizer, 1.0)
            return lr_scheduler.SequentialLR(optimizer, [inner, rest], [20])

        return make

    first = scheduled(lambda epoch: 1.0)
    training(Scaled, scheduled=first, checkpoint=tmp_path).run(1)
    training(Scaled, scheduled=first, checkpoint=tmp_path).run(2)
    # the same at the start, from which the rest of the training can be told
    later = scheduled(lambda epoch: 0.01 if epoch else 1.0)
    with pytest.raises(CheckpointError, match=r"optimizer.groups\[0\]"):
        training(Scaled, scheduled=later, checkpoint=tmp_path).run(3)


def test_losses_below_zero_stall_too():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    drops = StallDrops(optimizer, patience=2)
    for _ in range(3):
        drops.step(torch.tensor([-1.0]))
    assert drops.drops.tolist() == [1]


def test_a_stop_waits_for_epochs_in_which_its_loss_is_measured():
    stop = EarlyStop(2, "agent_loss", "test")
    result = training(Scaled, callbacks=[stop], measurement=Measurement(every=2)).run(4)
    assert result.sizes["epoch"] == 5
    assert stop.waited < 2


def test_patience_is_in_epochs_wherever_the_loss_is_measured():
    # a network that learns nothing: the first loss remains the best
    still = {"scheduled": lambda sgd: torch.optim.lr_scheduler.LambdaLR(sgd, lambda _: 0.0)}
    for patience, last in ((3, 5), (5, 5), (6, 10)):
        stop = EarlyStop(patience)
        found = training(
            Scaled, Uncoupled(), callbacks=[stop], measurement=Measurement(every=5), **still
        )
        assert found.run(20).sizes["epoch"] == last + 1
        assert stop.waited == last
        # which is counted anew in the next training
        found = training(Scaled, Uncoupled(), callbacks=[stop], **still)
        assert found.run(20).sizes["epoch"] == patience + 1


def test_a_loss_that_is_not_a_number_is_not_one_that_nobody_measures():
    def criterion(outputs, targets):
        loss = CRITERION(outputs, targets)
        return loss if outputs.requires_grad else loss * torch.nan

    for loss in ("quorum_loss", "agent_loss"):
        with pytest.raises(
            InvalidArgumentError, match=f"{loss} on the test part is NaN in epoch 0"
        ):
            training(Scaled, criterion=criterion, callbacks=[EarlyStop(2, loss, "test")]).run(1)
    partly = Measurement(centre_parts=("train",))
    with pytest.raises(InvalidArgumentError, match="quorum_loss is not measured on the test part"):
        training(Scaled, measurement=partly, callbacks=[EarlyStop(2, "quorum_loss", "test")]).run(1)


class Third(Callback):
    def on_epoch(self, trainer, epoch, record):
        if epoch == 3:
            trainer.stop()


def test_a_training_that_is_stopped_ends_with_all_measured():
    stopped = training(Scaled, callbacks=[Third()], measurement=Measurement(every=5)).run(10)
    whole = training(Scaled, measurement=Measurement(every=5)).run(3)
    assert stopped.equals(whole)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"measurement": 5}, "measurement is 5, but must be a nets.training.Measurement"),
        ({"drops": True}, "drops is True, but must be nets.training.StallDrops"),
        (
            {"callbacks": [print]},
            "callbacks holds <built-in function print>, but must be a list of",
        ),
        (
            {"callbacks": Third()},
            "callbacks holds .*, but must be a list of nets.training.Callback",
        ),
        ({"listeners": [3]}, "listeners holds 3, but must be a list of functions"),
        (
            {"scheduled": lambda _: "cosine"},
            "scheduler is 'cosine', but must be a scheduler of torch",
        ),
    ],
)
def test_what_is_of_another_kind_is_refused(wrong, words):
    with pytest.raises(InvalidArgumentError, match=words):
        training(Scaled, Uncoupled(), **wrong)


def test_the_steps_of_an_epoch_are_those_of_the_batches():
    with pytest.raises(
        InvalidArgumentError, match="epoch_steps=4, but an epoch has 3 batches; give"
    ):
        training(Scaled, SDQSGD(1.0, epoch_steps=4))


def test_a_force_returns_a_tensor():
    with pytest.raises(InvalidArgumentError, match="the force of UserDefined returned a NoneType"):
        training(Scaled, UserDefined(1.0, force=lambda points, quorum, t: None)).run(1)
