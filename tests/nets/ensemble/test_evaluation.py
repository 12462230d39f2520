"""Evaluation of many points on a data set."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble
from nets.ensemble.evaluation import accuracy
from sdeopt.errors import InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, perceptron

INPUTS, TARGETS = (part[0] for part in batches(1, batch=23, dtype=torch.float32))


def test_agents_by_default_in_any_chunk() -> None:
    ensemble = Ensemble(perceptron, 3, seed=1)
    whole, outputs = ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS)
    assert outputs.shape == (3, 23, 3)
    for agent in range(3):
        expected = ensemble.module(agent)(INPUTS)
        torch.testing.assert_close(outputs[agent], expected.detach())
        torch.testing.assert_close(
            whole[agent], functional.cross_entropy(expected, TARGETS).detach()
        )
    for chunk in (1, 5, 22):
        losses, parts = ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS, chunk=chunk)
        torch.testing.assert_close(losses, whole)
        torch.testing.assert_close(parts, outputs)
    assert not losses.requires_grad


def test_other_points_such_as_the_mean() -> None:
    ensemble = Ensemble(lambda: convolutions(rate=0.9), 3, seed=1)
    points = {name: torch.stack([mean, mean]) for name, mean in ensemble.mean().items()}
    losses, _ = ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS, points)
    module = ensemble.module_of(ensemble.mean()).eval()
    expected = functional.cross_entropy(module(INPUTS), TARGETS).detach()
    torch.testing.assert_close(losses, expected.expand(2))
    again = ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS, points)[0]
    assert torch.equal(again, losses)  # nothing is dropped, nothing remembered


def test_a_measure_instead_of_outputs() -> None:
    ensemble = Ensemble(perceptron, 2, seed=1)
    _, outputs = ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS)
    _, shares = ensemble.evaluate(
        functional.cross_entropy, INPUTS, TARGETS, chunk=10, measure=accuracy
    )
    torch.testing.assert_close(shares, accuracy(outputs, TARGETS))
    assert shares.shape == (2,)


def test_targets_that_losses_ignore_do_not_count() -> None:
    outputs = torch.tensor([[[3.0, 0.0], [0.0, 3.0], [3.0, 0.0]], [[0.0, 3.0]] * 3])
    assert accuracy(outputs, torch.tensor([0, 1, -100])).tolist() == [1.0, 0.5]
    assert accuracy(outputs, torch.tensor([0, 1, 1])).tolist() == pytest.approx([2 / 3, 2 / 3])
    assert accuracy(outputs, torch.full((3,), -100)).isnan().all()


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 3)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, int]:
        return self.layer(x.flatten(1)), 0


def test_outputs_that_cannot_be_joined() -> None:
    ensemble = Ensemble(Two, 2, seed=1)
    with pytest.raises(InvalidArgumentError, match="returns a tuple"):
        ensemble.evaluate(lambda o, y: functional.cross_entropy(o[0], y), INPUTS, TARGETS)


def test_training_goes_on_in_training_mode() -> None:
    ensemble = Ensemble(lambda: convolutions(rate=0.5), 2, seed=1, way="batched")
    reference = Ensemble(lambda: convolutions(rate=0.5), 2, seed=1, way="batched")
    ensemble.evaluate(functional.cross_entropy, INPUTS, TARGETS)
    batch = batches(2, dtype=torch.float32)
    losses = [e.backward(functional.cross_entropy, *batch) for e in (ensemble, reference)]
    assert torch.equal(*losses)
