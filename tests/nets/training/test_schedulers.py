"""Schedulers of torch change the rates of all agents, and a checkpoint keeps where they are."""

import pytest

torch = pytest.importorskip("torch")

from torch.optim import lr_scheduler

from nets.couplings import QSGD, Uncoupled
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.training import Measurement, StallDrops, Trainer
from sdeopt.errors import InvalidArgumentError
from tests.nets.training.training_runs import BATCH, CRITERION, made_up_data, network

SCHEDULERS = {
    "steps": (lambda o: lr_scheduler.StepLR(o, 2, 0.5), "epoch"),
    "milestones": (lambda o: lr_scheduler.MultiStepLR(o, [1, 3], 0.5), "epoch"),
    "function": (lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)), "epoch"),
    "plateau": (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=0), "epoch"),
    "one cycle": (lambda o: lr_scheduler.OneCycleLR(o, 0.2, total_steps=30), "step"),
    "sequence": (
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.LinearLR(o), lr_scheduler.CosineAnnealingLR(o, 5)], milestones=[2]
        ),
        "epoch",
    ),
}
every = pytest.mark.parametrize(("make", "when"), SCHEDULERS.values(), ids=SCHEDULERS)


def training(make, when, rule=None, **options):
    data = made_up_data()
    ensemble = Ensemble(network, 2, seed=5)
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1, momentum=0.9, nesterov=True)
    return Trainer(
        ensemble, optimizer, rule or QSGD(1.0), AgentBatches(data, 2, BATCH, 5), CRITERION, data,
        scheduler=make and make(optimizer), schedule_every=when, progress=False, **options,
    )  # fmt: skip


@every
def test_rates_are_those_of_an_ordinary_loop(make, when):
    """And so are the weights of an agent that is alone."""
    found = training(make, when, Uncoupled())
    result = found.run(4)
    data = made_up_data()
    alone = Ensemble(network, 2, seed=5)
    stream = alone._streams[1]
    module = alone.module(1)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    scheduler = make(optimizer)
    losses = result["agent_loss"].sel(part="validation").mean("agent").values
    batches = AgentBatches(data, 1, BATCH, 5, first_agent=1)
    for epoch in range(1, 5):
        for inputs, targets in batches:
            optimizer.zero_grad()
            with stream.drawing():
                loss = CRITERION(module(inputs[0]), targets[0])
            loss.backward()
            optimizer.step()
            if when == "step":
                scheduler.step()
        if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step(losses[epoch])
        elif when == "epoch":
            scheduler.step()
        rate = optimizer.param_groups[0]["lr"]
        assert result["learning_rate"].sel(epoch=epoch).values.tolist() == [rate, rate]
    for name, weight in module.named_parameters():
        assert torch.equal(found.ensemble.weights[name][1], weight)


@every
def test_a_resumed_training_has_the_bits_of_an_undisturbed_one(make, when, tmp_path):
    whole = training(make, when)
    expected = whole.run(4)
    training(make, when, checkpoint=tmp_path).run(2)
    resumed = training(make, when, checkpoint=tmp_path)
    assert resumed.run(4).identical(expected)
    assert resumed.scheduler.state_dict() == whole.scheduler.state_dict()


def test_what_a_scheduler_cannot_do_is_refused():
    plateau, _ = SCHEDULERS["plateau"]
    other = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    with pytest.raises(InvalidArgumentError, match="rates of another optimizer"):
        training(lambda _: lr_scheduler.StepLR(other, 2), "epoch")
    with pytest.raises(InvalidArgumentError, match="drops change the rates of another"):
        training(None, "epoch", drops=StallDrops(other))
    with pytest.raises(InvalidArgumentError, match="measured after an epoch"):
        training(plateau, "step")
    with pytest.raises(InvalidArgumentError, match="validation loss"):
        training(plateau, "epoch", measurement=Measurement(agent_parts=("train",)))
    with pytest.raises(InvalidArgumentError, match="did you mean 'epoch'"):
        training(None, "epochs")
