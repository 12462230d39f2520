"""A checkpoint is continued by the training that wrote it, and by no other."""

import copy
import dataclasses

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

import sdeopt as so
from nets.couplings import EASGD, QSGD
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.identity import digest_of
from nets.optimizers import GradientNoise, WeightNoise
from nets.training import Measurement, StallDrops, Trainer
from nets.training.checkpoint import Checkpoint
from nets.training.plan import _options, _schedule
from sdeopt.errors import CheckpointError
from tests.nets.training.training_runs import made_up_data

DATA = made_up_data()
EXAMPLES = DATA.inputs.clone()


def network(activation=nn.ReLU, dropout=0.3, width=6):
    return lambda: nn.Sequential(
        nn.Linear(4, width), activation(), nn.Dropout(dropout), nn.Linear(width, 3)
    )


def sgd(groups, **options):
    return torch.optim.SGD(groups, **{"lr": 0.1, "momentum": 0.9, **options})


def noisy(**options):
    options = {"half_width": 0.1, "seed": 1, "when": "step"} | options
    law = so.noise.Uniform(options.pop("half_width"), enters="weights")
    return lambda groups: WeightNoise(sgd(groups), law, **options)


def weighted(weight):
    return lambda outputs, targets: weight * functional.cross_entropy(outputs, targets)


def first_agent_slower(groups):
    groups[0]["lr"] = 0.05
    return sgd(groups)


def training(folder, **changed):
    given = {
        "network": network(),
        "seed": 1,
        "together": False,
        "optimizer": sgd,
        "rule": QSGD(1.0),
        "batches": {"batch": 8, "seed": 1},
        "criterion": functional.cross_entropy,
        "data": DATA,
        "drops": {},
        "scheduler": lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 5),
        "schedule_every": "epoch",
        "chunk": 500,
        "tested": None,
        "autocast": None,
        "micro_batch": None,
        "clip": None,
    } | changed
    ensemble = Ensemble(given["network"], 2, seed=given["seed"], together=given["together"])
    optimizer = given["optimizer"](ensemble.groups())
    scheduler = given["scheduler"](optimizer)
    return Trainer(
        ensemble, optimizer, given["rule"], AgentBatches(given["data"], 2, **given["batches"]),
        given["criterion"], given["data"], drops=StallDrops(optimizer, **given["drops"]),
        scheduler=scheduler, schedule_every=given["schedule_every"], tested=given["tested"],
        autocast=given["autocast"], micro_batch=given["micro_batch"], clip=given["clip"],
        measurement=Measurement(chunk=given["chunk"]), checkpoint=folder, progress=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    training(folder).run(1)
    return folder


OTHERS = {
    "activation": {"network": network(nn.Sigmoid)},
    "dropout": {"network": network(dropout=0.4)},
    "width": {"network": network(width=5)},
    "initial points": {"seed": 2},
    "start": {"together": True},
    "learning rate": {"optimizer": lambda groups: sgd(groups, lr=0.2)},
    "of one agent": {"optimizer": first_agent_slower},
    "momentum": {"optimizer": lambda groups: sgd(groups, momentum=0.8)},
    "decay": {"optimizer": lambda groups: sgd(groups, weight_decay=0.1)},
    "optimizer": {"optimizer": lambda groups: torch.optim.RMSprop(groups, lr=0.1)},
    "noise": {"optimizer": noisy()},
    "coupling": {"rule": QSGD(2.0)},
    "rule": {"rule": EASGD(1.0)},
    "a user's gain": {"rule": QSGD(lambda step: 1.0)},
    "batch": {"batches": {"batch": 6, "seed": 1}},
    "order": {"batches": {"batch": 8, "seed": 2}},
    "share": {"batches": {"batch": 8, "seed": 1, "share": 20}},
    "criterion": {"criterion": functional.multi_margin_loss},
    "an option of it": {"criterion": nn.CrossEntropyLoss(label_smoothing=0.1)},
    "examples": {"data": dataclasses.replace(DATA, inputs=EXAMPLES + 1e-3)},
    "targets": {"data": dataclasses.replace(DATA, targets=DATA.targets.flip(0))},
    "parts": {"data": dataclasses.replace(DATA, sizes=(48, 23, 25))},
    "drops": {"drops": {"patience": 7}},
    "scheduler": {"scheduler": lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 6)},
    "its time": {"schedule_every": "step"},
    "parts of a test": {"chunk": 10},
    "what is tested": {"tested": dict},
    "number type": {"autocast": torch.bfloat16},
    "parts of a batch": {"micro_batch": 4},
    "longest gradient": {"clip": 1.0},
}


@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS)
def test_another_training_is_refused(changed, begun):
    with pytest.raises(CheckpointError, match="belongs to another configuration"):
        training(begun, **changed).run(2)


def hooked(factor):
    """Return a maker of an optimizer that multiplies gradients before every step."""

    def make(groups):
        optimizer = sgd(groups)

        def scale(*_):
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    parameter.grad.mul_(factor)

        optimizer.register_step_pre_hook(scale)
        return optimizer

    return make


INSIDE = [
    ({"optimizer": hooked(1.0)}, {"optimizer": hooked(0.5)}),
    ({"optimizer": noisy()}, {"optimizer": noisy(half_width=0.2)}),
    ({"optimizer": noisy()}, {"optimizer": noisy(seed=2)}),
    ({"optimizer": noisy()}, {"optimizer": noisy(when="initialization")}),
    ({"criterion": weighted(1.0)}, {"criterion": weighted(2.0)}),
    ({"rule": QSGD(lambda step: 1.0)}, {"rule": QSGD(lambda step: 2.0)}),
    (
        {"scheduler": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda epoch: 1.0)},
        {"scheduler": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda epoch: 0.5**epoch)},
    ),
]


@pytest.mark.parametrize(("given", "changed"), INSIDE)
def test_what_users_functions_and_noise_hold_counts(given, changed, tmp_path):
    training(tmp_path, **given).run(1)
    with pytest.raises(CheckpointError, match="belongs to another configuration"):
        training(tmp_path, **changed).run(2)
    training(tmp_path, **copy.copy(given)).run(2)


def test_the_same_training_goes_on(begun):
    again = training(begun)
    assert again.run(1).sizes["epoch"] == 2
    assert again.step == 6


def test_a_sentence_says_what_differs(begun):
    with pytest.raises(CheckpointError, match=r'ReLU" there and .*Sigmoid" here'):
        training(begun, network=network(nn.Sigmoid)).run(2)


def by_layers(*order):
    """Return groups of square layers: one at a rate of its own, and two at another."""

    def make(groups):
        split = []
        for group in groups:
            first, *others = (group["params"][place] for place in order)
            split.append({"params": [first], "agent": group["agent"], "lr": 0.1})
            split.append({"params": others, "agent": group["agent"], "lr": 0.01})
        return sgd(split)

    return make


def test_parameters_stay_in_their_groups(tmp_path):
    def square():
        return nn.Sequential(*(nn.Linear(4, 4, bias=False) for _ in range(3)))

    training(tmp_path, network=square, optimizer=by_layers(0, 1, 2)).run(1)
    with pytest.raises(CheckpointError, match=r"optimizer\.groups"):
        training(tmp_path, network=square, optimizer=by_layers(1, 0, 2)).run(2)
    training(tmp_path, network=square, optimizer=by_layers(0, 1, 2)).run(2)


@pytest.mark.parametrize("one", [False, True])
def test_what_was_kept_of_one_group_an_agent_is_still_known(one, tmp_path):
    """Its digest holds how many parameters there are; another would discard what was kept."""
    made = sgd if not one else lambda groups: sgd([p for group in groups for p in group["params"]])
    found = training(tmp_path, optimizer=made)
    groups = found.optimizer.param_groups
    _, scheduled = _schedule(found.scheduler, len(groups))
    count = {"params": 8 if one else 4}
    expected = [
        digest_of([_options(group) | count | {"schedule": own}])
        for group, own in zip(groups, scheduled, strict=True)
    ]
    kept = found._checkpoint._configuration["optimizer"]["groups"]
    assert kept == (2 * expected if one else expected)


def test_what_cannot_be_known_is_not_continued(tmp_path):
    weights = (weight for weight in [1.0, 1.0])

    def criterion(outputs, targets):
        return next(weights) * functional.cross_entropy(outputs, targets)

    with pytest.raises(CheckpointError, match=r"nothing says of criterion: it reads a generator"):
        training(tmp_path, criterion=criterion)
    training(None, criterion=criterion)


def test_another_number_of_processes_is_told_why_not(tmp_path):
    class Two:
        agents, local_agents, first_agent, is_main = 2, 1, 0, True

        def barrier(self):
            pass

    training(tmp_path).run(1)
    plan = training(tmp_path)._checkpoint._configuration
    with pytest.raises(CheckpointError, match=r"by 1 processes, each of which kept .* start 1"):
        Checkpoint(tmp_path, plan, Two()).load()


@pytest.mark.parametrize(
    "wrapped", [noisy(), lambda groups: GradientNoise(sgd(groups), so.noise.Gaussian(0.1))]
)
def test_a_training_with_noise_resumes_to_the_last_bit(wrapped, tmp_path):
    whole = training(None, optimizer=wrapped)
    whole.run(3)
    training(tmp_path, optimizer=wrapped).run(1)
    resumed = training(tmp_path, optimizer=wrapped)
    resumed.run(3)
    for name, stack in whole.ensemble.weights.items():
        assert torch.equal(resumed.ensemble.weights[name], stack)
