"""Batch normalization: batch statistics, or running ones if that was asked for."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble, Way
from sdeopt.errors import InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, remembering


def test_running_statistics_are_refused_unless_asked_for() -> None:
    with pytest.raises(InvalidArgumentError, match="layer '2' of the network keeps running"):
        Ensemble(remembering, 2, seed=1)


def test_dropped_statistics_are_batch_statistics_in_evaluation() -> None:
    ensemble = Ensemble(remembering, 2, seed=1, running_statistics="drop")
    assert not ensemble.buffers
    inputs, targets = (part[0] for part in batches(1, dtype=torch.float32))
    losses, _ = ensemble.evaluate(functional.cross_entropy, inputs, targets)
    training = ensemble.module(0)
    assert torch.equal(losses[0], functional.cross_entropy(training(inputs), targets).detach())


def test_statistics_of_single_examples_are_dropped_too() -> None:
    def network() -> nn.Module:
        norm = nn.InstanceNorm2d(1, track_running_stats=True)
        return nn.Sequential(norm, nn.Flatten(), nn.Linear(64, 3))

    with pytest.raises(InvalidArgumentError, match="say running_statistics='drop' for the same"):
        Ensemble(network, 2, seed=1)
    ensemble = Ensemble(network, 2, seed=1, running_statistics="drop")
    assert not ensemble.buffers
    inputs, targets = (part[0] for part in batches(1, dtype=torch.float32))
    losses, _ = ensemble.evaluate(functional.cross_entropy, inputs, targets)
    training = ensemble.module(0)
    assert torch.equal(losses[0], functional.cross_entropy(training(inputs), targets).detach())


def test_what_cannot_be_dropped_is_not_advised_to_be() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)
            self.register_buffer("running_mean", torch.zeros(3))

    for policy, words in (
        ("refuse", "say running_statistics='drop' for the same or 'keep'"),
        ("drop", "say running_statistics='keep' to let"),
    ):
        with pytest.raises(InvalidArgumentError, match=words):
            Ensemble(Own, 2, seed=1, running_statistics=policy)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_kept_statistics_are_each_agents_own(way: Way) -> None:
    ensemble = Ensemble(
        remembering, 3, seed=1, way=way, running_statistics="keep", dtype=torch.float64
    )
    alone = [ensemble.module(agent) for agent in range(3)]
    for seed in range(3):
        inputs, targets = batches(3, seed=seed)
        ensemble.backward(functional.cross_entropy, inputs, targets)
        for agent, module in enumerate(alone):
            module(inputs[agent])
    for agent, module in enumerate(alone):
        for name, buffer in module.named_buffers():
            torch.testing.assert_close(ensemble.buffers[name][agent], buffer)
    _, outputs = ensemble.evaluate(functional.cross_entropy, inputs[0], targets[0])
    torch.testing.assert_close(outputs[2], alone[2].eval()(inputs[0]).detach())

    mean = {name: weight[None] for name, weight in ensemble.mean().items()}
    with pytest.raises(InvalidArgumentError, match="not known for a point that is no agent"):
        ensemble.evaluate(functional.cross_entropy, inputs[0], targets[0], mean)
    own = {name: buffer[:1] for name, buffer in ensemble.buffers.items()}
    ensemble.evaluate(functional.cross_entropy, inputs[0], targets[0], mean, buffers=own)


def test_batch_statistics_need_no_decision() -> None:
    assert not Ensemble(convolutions, 2, seed=1).buffers
